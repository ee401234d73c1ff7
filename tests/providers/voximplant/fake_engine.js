/*
 * A small fake of VoxEngine: runs the kit through one session on a clock of its own, without waiting.
 *
 * Standard input: {kit, secret, secret_name, session, call, cost, replies, steps}. `replies`: by message type, what the
 * gateway says to the first, second, … request of it (the last one repeats): {code, text, delay_ms} or {throws: true}.
 * `steps`: what happens at which millisecond. Standard output: the requests, what was done to the legs, and when.
 *
 * Facts it plays (vendor's reference): reject and hangup lead to Disconnected or Failed; duration is in whole seconds
 * from the answer, here rounded up; terminate leads to Terminating, where timers are dead and one request is allowed.
 */
'use strict';

const { createHmac } = require('node:crypto');
const { readFileSync } = require('node:fs');
const vm = require('node:vm');

const plan = JSON.parse(readFileSync(0, 'utf8'));
const BEGIN_MS = Date.parse('2026-03-11T14:28:46.000Z');
const log = [];
const requests = [];
const listeners = {};
const counts = {};
let now = 0;
let timers = [];
let nextId = 1;
let state = 'running';
let lastRequests = 0;

const note = (what) => log.push([now, what]);
const at = (ms, run) => { timers.push({ id: nextId, ms: now + Math.max(0, ms || 0), run }); return nextId++; };
const named = (...names) => Object.fromEntries(names.map((name) => [name, name]));
const AppEvents = named('Started', 'CallAlerting', 'HttpRequest', 'Terminating');
const CallEvents = named('Ringing', 'Connected', 'Failed', 'Disconnected');

class Call {
  constructor(role, incoming, kind) {
    Object.assign(this, { role, incoming, kind, handlers: {}, answeredAt: null, over: false });
  }
  id() { return 'leg-' + this.role; }
  clientType() { return this.kind; }
  addEventListener(event, handler) { (this.handlers[event] = this.handlers[event] || []).push(handler); }
  fire(event, data) { for (const handler of this.handlers[event] || []) handler({ call: this, ...data }); }
  must(what) { if (this.over) throw new Error(what + ' on a leg that is over'); note(this.role + '.' + what); }
  ring() { this.must('ring'); }
  answer() { this.must('answer'); at(40, () => this.connect()); }
  reject(code) {
    if (!this.incoming || this.answeredAt !== null) throw new Error('only an unanswered incoming leg is rejected');
    this.must('reject ' + code);
    at(1, () => this.end());
  }
  hangup() {
    this.must('hangup');
    at(20, () => (this.answeredAt === null && !this.incoming ? this.fail(487) : this.end()));
  }
  connect() { if (this.over) return; this.answeredAt = now; this.fire(CallEvents.Connected, { headers: {} }); }
  fail(code) {
    if (this.over) return;
    this.over = true;
    this.fire(CallEvents.Failed, { code, reason: 'SIP ' + code });
  }
  end() {
    if (this.over) return;
    this.over = true;
    const duration = this.answeredAt === null ? 0 : Math.ceil((now - this.answeredAt) / 1000);
    const cost = duration ? plan.cost[this.role] : 0;
    this.fire(CallEvents.Disconnected, { internalCode: 16, reason: 'BYE', duration, cost, direction: 'All numbers' });
  }
}

const alive = {};
const dial = (what) => {
  if (alive.B) throw new Error('leg B is dialled twice');
  note(what);
  alive.B = new Call('B', false, 'pstn');
  return alive.B;
};

function answerOf(type) {
  const given = plan.replies[type] || [{ code: 200, text: '{}' }];
  const index = counts[type] = (counts[type] || 0) + 1;
  return given[Math.min(index, given.length) - 1];
}

function httpRequestAsync(url, options) {
  if (state === 'terminated') throw new Error('a request after Terminated');
  if (state === 'terminating' && (lastRequests += 1) > 1) throw new Error('a second request in Terminating');
  if (!(options.timeout <= 90 && options.connectionTimeout <= 6)) throw new Error('time-outs beyond what is allowed');
  const reply = answerOf(JSON.parse(options.postData).type);
  const { method, headers, postData } = options;
  requests.push({ at_ms: now, unix_ms: BEGIN_MS + now, url, method, headers, body: postData });
  if (reply.throws) throw new Error('HTTP request limit');
  const late = (reply.delay_ms || 50) > options.timeout * 1000;
  const result = late ? { code: -7, error: 'timeout' } : { code: reply.code, text: reply.text || '' };
  return new Promise((resolve) => { at(late ? options.timeout * 1000 : reply.delay_ms || 50, () => resolve(result)); });
}

function terminate() {
  if (state !== 'running') return;
  note('terminate');
  state = 'terminating';
  timers = [];
  for (const handler of listeners.Terminating || []) handler({});
  state = 'terminated';
}

class FakeDate extends Date {
  constructor(...given) { super(...(given.length ? given : [BEGIN_MS + now])); }
  static now() { return BEGIN_MS + now; }
}

const fire = (event, data) => { for (const handler of listeners[event] || []) handler(data); };
const steps = {
  ringing: () => alive.B.fire(CallEvents.Ringing, {}),
  answers: () => alive.B.connect(),
  fails: (step) => alive.B.fail(step.code),
  'A leaves': () => alive.A.end(),
  'B leaves': () => alive.B.end(),
  command: (step) => fire('HttpRequest', { method: 'POST', path: '/', content: step.content, headers: [] }),
  terminating: () => terminate(),
};

const world = {
  AppEvents, CallEvents, Call, JSON, Promise, Date: FakeDate,
  VoxEngine: {
    addEventListener: (event, handler) => { (listeners[event] = listeners[event] || []).push(handler); },
    callPSTN: (number, callerid) => dial('callPSTN ' + number + ' as ' + callerid),
    callUser: (parameters) => dial('callUser ' + parameters.username + ' from ' + parameters.callerid),
    customData: (text) => { note('customData ' + text); return text; },
    getSecretValue: (name) => (name === plan.secret_name ? plan.secret : undefined),
    sendMediaBetween: () => note('media'),
    terminate,
  },
  Net: { httpRequestAsync },
  Crypto: { hmac_sha256: (key, data) => createHmac('sha256', key).update(data).digest('hex') },
  Logger: { write: (text) => note('log ' + text) },
  setTimeout: (run, ms) => { if (state !== 'running') throw new Error('a timer in Terminating'); return at(ms, run); },
};

async function run() {
  vm.runInContext(plan.kit, vm.createContext(world), { filename: 'voximplant.js' });
  fire('Started', plan.session);
  alive.A = new Call('A', true, plan.call.kind);
  const { callerid, destination, headers = {} } = plan.call;
  fire('CallAlerting', { call: alive.A, callerid, destination, headers });
  for (const step of plan.steps) at(step.ms, () => steps[step.what](step));
  for (;;) {
    await new Promise((resolve) => { setImmediate(resolve); });     // lets every pending promise run
    timers.sort((one, other) => one.ms - other.ms || one.id - other.id);
    const next = timers.shift();
    if (!next) break;
    now = next.ms;
    next.run();
  }
  process.stdout.write(JSON.stringify({ requests, log, state, ended_ms: now }));
}

process.on('unhandledRejection', (error) => { throw error; });
run();
