// What jambonz's own packages say of our verbs, and of the webhooks that our tests sign.
// Reads {verbs: [[…], …], hooks: [{secret, headers, body}, …]}; writes {verbs: [error, …], hooks: [error, …]}.
'use strict';
const { validateApp } = require('@jambonz/schema');
const { WebhookResponse } = require('@jambonz/sdk/webhook');

const TEN_YEARS = 10 * 365 * 86400;

function verbsError(verbs) {
  const read = new WebhookResponse();
  for (const verb of verbs) {
    const checked = read.validator.validate([verb]);
    if (!checked.valid) return JSON.stringify(checked.errors);
  }
  const { valid, errors } = validateApp(verbs);
  return valid ? '' : JSON.stringify(errors);
}

function hookError({ secret, headers, body }) {
  let found = '';
  const next = (error) => { found = error ? error.message : ''; };
  WebhookResponse.verifySignature(secret, { tolerance: TEN_YEARS })({ headers, body }, {}, next);
  return found;
}

let input = '';
process.stdin.on('data', (chunk) => { input += chunk; });
process.stdin.on('end', () => {
  const { verbs, hooks } = JSON.parse(input);
  process.stdout.write(JSON.stringify({ verbs: verbs.map(verbsError), hooks: hooks.map(hookError) }));
});
