/*
 * The call gateway's scenario for VoxEngine (Voximplant), to be pasted into the control panel.
 *
 * It asks the gateway before it connects a call, cuts the call at the limit it was given, obeys the gateway's command
 * to hang up, and reports the end. Without a decision within eight seconds nobody is connected.
 *
 * How to install it
 *  1. Applications, your application, Secrets: add a secret with the name below and the secret of the connection.
 *     (Or write the secret into `secret()` below, and let nobody read the scenario.)
 *  2. Scenarios: paste this text. Routing: a rule with the pattern .* and this scenario; attach your numbers to the rule.
 *  3. Fill in LINES if your users call out by different numbers.
 *
 * Users dial as in the country of their line: +442079460000, its exit code, or a national number; emergency numbers as they
 * are, without a digit for an outside line. The carrier sends E.164, with or without the plus, or also national numbers of
 * the country that the option numbers names.
 *
 * Calls: one session holds an incoming or an outgoing call, and, if an incoming one is forwarded to a telephone number,
 * the forwarded call as well, which is authorized and charged for itself. Leg A is the call that came to the platform,
 * leg B the one that is dialled from here. Not covered: sessions that are begun by StartScenarios, and SIP trunks.
 */

const HOOK_URL = '{{hook_url}}';
const SECRET_NAME = '{{secret_name}}';
// The number of yours that softphones call out by, and those users who call out by another: { alice: '+15550100001' }.
// Never take it from what the softphone sends: it could name somebody else's number, who would pay.
const OUTBOUND_LINE = '{{outbound_line}}';
/** @type {Record<string, string>} */
const LINES = {};

// The platform drops an incoming call that is not answered within 60 s, and ends a session without calls after 60 s:
// three reports of 10 s with two pauses of 5 s fit.
const START_TIMEOUT_S = 8;
const REPORT_TIMEOUT_S = 10;
const REPORT_TRIES = 3;
const REPORT_PAUSE_MS = 5000;
const HARD_LIMIT_S = 3600;
// The platform counts whole seconds, perhaps rounded up: half a second less keeps a call within what was granted.
const LIMIT_EARLY_MS = 500;
// What the dialled side may say to the caller; all else is "temporarily unavailable".
const PASSED_ON = [404, 480, 486, 603];

/**
 * @typedef {{ role: 'A' | 'B', answered_ms: number, ended_ms: number, duration?: number, cost?: number, code?: number,
 *   reason?: string, internal_code?: number, price_group?: string }} LegReport
 * @typedef {{ call: Call, report: LegReport, answering: boolean, dropped: boolean }} Leg
 * @typedef {{ call_id: string, direction: string, caller: string, callee: string, line: string, at: string,
 *   parent_call_id?: string, privacy?: string }} Start
 * @typedef {{ start: Start, legs: Leg[], maxSeconds: number, endedBy: string, accepted: boolean }} GatewayCall
 * @typedef {{ action: string, auth_id?: string, max_seconds?: number, caller_id?: string, to?: string, user?: string,
 *   forward_to?: string, sip_code?: number, reason?: string }} Decision
 */

const session = { id: 0, controlUrl: '' };
/** @type {GatewayCall[]} */
const calls = [];
/** @type {Leg[]} */
const legs = [];
let finishing = false;

function secret() {
  return VoxEngine.getSecretValue(SECRET_NAME) || '';
}

/** @param {object} message @param {number} timeout */
function post(message, timeout) {
  const body = JSON.stringify(message);
  const timestamp = String(Math.floor(Date.now() / 1000));
  return Net.httpRequestAsync(HOOK_URL, {
    method: 'POST',
    postData: body,
    timeout,
    connectionTimeout: 3,
    headers: {
      'Content-Type': 'application/json',
      'X-Gw-Timestamp': timestamp,
      'X-Gw-Signature': Crypto.hmac_sha256(secret(), timestamp + '.' + body).toLowerCase(),
    },
  });
}

/** @param {number} ms @returns {Promise<void>} */
function pause(ms) {
  return new Promise((resolve) => { setTimeout(() => resolve(), ms); });
}

/** @param {string} direction @param {string} caller @param {string} callee @param {string} line */
function openCall(direction, caller, callee, line) {
  /** @type {GatewayCall} */
  const call = {
    start: { call_id: session.id + '-' + direction, direction, caller, callee, line, at: new Date().toISOString() },
    legs: [], maxSeconds: 0, endedBy: 'normal', accepted: false,
  };
  calls.push(call);
  return call;
}

/** @param {GatewayCall} call @param {Call} engineCall @param {'A' | 'B'} role */
function addLeg(call, engineCall, role) {
  /** @type {Leg} */
  const leg = { call: engineCall, report: { role, answered_ms: 0, ended_ms: 0 }, answering: false, dropped: false };
  const charged = call.start.direction === 'inbound' ? 'A' : 'B';
  call.legs.push(leg);
  legs.push(leg);
  engineCall.addEventListener(CallEvents.Connected, () => {
    leg.report.answered_ms = Date.now();
    if (role === charged) answered(call);
  });
  engineCall.addEventListener(CallEvents.Failed, (e) => {
    Object.assign(leg.report, { code: e.code, reason: e.reason });
    ended(leg);
  });
  engineCall.addEventListener(CallEvents.Disconnected, (e) => {
    Object.assign(leg.report, {
      duration: e.duration, cost: e.cost, internal_code: e.internalCode, reason: e.reason, price_group: e.direction,
    });
    ended(leg);
  });
  return leg;
}

/** The charged leg was answered: its limit counts from now. @param {GatewayCall} call */
function answered(call) {
  setTimeout(() => cut(call, 'limit'), Math.min(call.maxSeconds, HARD_LIMIT_S) * 1000 - LIMIT_EARLY_MS);
  const message = { type: 'call.answer', call_id: call.start.call_id, at: new Date().toISOString() };
  Promise.resolve()
    .then(() => post(message, REPORT_TIMEOUT_S))
    .catch(() => Logger.write('the answer was not reported'));
}

/** @param {GatewayCall} call @param {string} by */
function cut(call, by) {
  if (finishing) return;
  call.endedBy = by;
  drop(480);
}

/** Ends every leg that is still up. @param {number} code what an unanswered caller is told */
function drop(code) {
  for (const leg of legs) {
    if (leg.report.ended_ms || leg.dropped) continue;
    leg.dropped = true;
    if (leg.report.role === 'A' && !leg.answering) reject(leg, PASSED_ON.includes(code) ? code : 480);
    else leg.call.hangup();
  }
}

/** @param {Leg} a @param {number} code */
function reject(a, code) {
  a.dropped = true;
  a.report.code = code;
  a.call.reject(code);
}

/** @param {Leg} leg */
function ended(leg) {
  leg.report.ended_ms = Date.now();
  if (leg.report.role === 'A' && !leg.answering && !leg.dropped) {
    for (const call of calls) call.endedBy = 'caller';
  }
  leg.dropped = true;
  drop(leg.report.code || 480);
  if (legs.every((other) => other.report.ended_ms)) finish();
}

async function finish() {
  if (finishing) return;
  finishing = true;
  await Promise.all(calls.map((call) => reportEnd(call)));
  VoxEngine.terminate();
}

/** @param {GatewayCall} call */
function endMessage(call) {
  return { type: 'call.end', ...call.start, ended_by: call.endedBy, legs: call.legs.map((leg) => leg.report) };
}

/** @param {GatewayCall} call */
async function reportEnd(call) {
  for (let left = REPORT_TRIES; left > 0; left -= 1) {
    try {
      const reply = await post(endMessage(call), REPORT_TIMEOUT_S);
      call.accepted = reply.code >= 200 && reply.code < 300;
    } catch (error) {
      Logger.write('the end was not reported: ' + error);
    }
    if (call.accepted) return;
    if (left > 1) await pause(REPORT_PAUSE_MS);
  }
}

/** What the gateway says to a start; whatever goes wrong is a refusal. @param {GatewayCall} call */
async function ask(call) {
  /** @type {Decision} */
  const nothing = { action: 'reject', sip_code: 503, reason: 'gateway' };
  try {
    const reply = await post({ type: 'call.start', ...call.start, control_url: session.controlUrl }, START_TIMEOUT_S);
    /** @type {Decision} */
    const decision = reply.code === 200 ? JSON.parse(reply.text || '') : nothing;
    if (decision !== nothing && decision.action === 'reject') {
      call.endedBy = 'rejected';
      return decision;
    }
    if (decision.action === 'connect' && decision.auth_id === call.start.call_id && (decision.max_seconds || 0) > 0) {
      call.maxSeconds = decision.max_seconds || 0;
      return decision;
    }
    Logger.write('the gateway did not decide: HTTP ' + reply.code);
  } catch (error) {
    Logger.write('the gateway did not decide: ' + error);
  }
  call.endedBy = 'gateway';
  return nothing;
}

/** @param {Leg} a @param {GatewayCall} first @param {Decision} decision */
function refuse(a, first, decision) {
  const code = decision.sip_code || 503;
  if (first.endedBy === 'normal') first.endedBy = 'rejected';
  reject(a, code >= 400 && code < 700 ? code : 503);
}

/** The engine writes numbers without a plus, and takes them so. @param {string | undefined} number */
function digits(number) {
  return (number || '').replace('+', '');
}

/** @param {Leg} a @param {GatewayCall} owner @param {Call} dialled */
function bridge(a, owner, dialled) {
  addLeg(owner, dialled, 'B');
  dialled.addEventListener(CallEvents.Ringing, () => { if (!a.dropped) a.call.ring(); });
  dialled.addEventListener(CallEvents.Connected, () => {
    if (a.dropped) return;
    a.answering = true;
    a.call.answer();
    VoxEngine.sendMediaBetween(a.call, dialled);
  });
}

/** A forwarded call is an outbound call of its own. @param {Leg} a @param {GatewayCall} first @param {string} to */
async function forward(a, first, to) {
  const second = openCall('forward', first.start.caller, to, first.start.callee);
  second.start.parent_call_id = first.start.call_id;
  const decision = await ask(second);
  if (a.dropped) return;
  if (decision.action !== 'connect') refuse(a, first, decision);
  else bridge(a, second, VoxEngine.callPSTN(digits(decision.to), digits(decision.caller_id)));
}

/** @param {_CallAlertingEvent} e */
async function begin(e) {
  const kind = e.headers['VI-Client-Type'] || e.call.clientType();
  const inbound = kind !== 'user' && kind !== 'sip';
  const line = inbound ? e.destination : LINES[e.callerid] || OUTBOUND_LINE || 'no-line';
  const first = openCall(inbound ? 'inbound' : 'outbound', e.callerid, e.destination, line);
  first.start.privacy = e.headers.Privacy || e.headers['X-Privacy'];
  const a = addLeg(first, e.call, 'A');
  try {
    const decision = await ask(first);
    if (a.dropped) return;                                  // the caller gave up while we were asking
    VoxEngine.customData(first.start.call_id);
    if (decision.action !== 'connect') refuse(a, first, decision);
    else if (decision.forward_to) await forward(a, first, decision.forward_to);
    else if (decision.user) bridge(a, first, VoxEngine.callUser({ username: decision.user, callerid: e.callerid }));
    else bridge(a, first, VoxEngine.callPSTN(digits(decision.to), digits(decision.caller_id)));
  } catch (error) {
    Logger.write('the call could not be dialled: ' + error);
    if (!a.dropped) refuse(a, first, { action: 'reject', sip_code: 503 });
  }
}

VoxEngine.addEventListener(AppEvents.Started, (e) => {
  session.id = e.sessionId;
  session.controlUrl = e.accessSecureURL;
});

VoxEngine.addEventListener(AppEvents.CallAlerting, (e) => { begin(e); });

VoxEngine.addEventListener(AppEvents.HttpRequest, (e) => {
  let command;
  try { command = JSON.parse(e.content); } catch (error) { return; }
  if (!command || command.cmd !== 'hangup') return;
  const call = calls.find((each) => each.start.call_id === command.auth_id);
  if (call) cut(call, String(command.reason || 'operator'));
});

// Timers are dead here, and a single request is allowed: it is for the forwarded call if there is one, as that costs
// more. What became of the other the gateway asks the call history.
VoxEngine.addEventListener(AppEvents.Terminating, () => {
  const open = calls.filter((call) => !call.accepted);
  if (!open.length) return;
  finishing = true;
  for (const leg of legs) leg.report.ended_ms = leg.report.ended_ms || Date.now();
  try {
    post(endMessage(open[open.length - 1]), REPORT_TIMEOUT_S).catch(() => Logger.write('the end was not reported'));
  } catch (error) {
    Logger.write('the end was not reported: ' + error);
  }
});
