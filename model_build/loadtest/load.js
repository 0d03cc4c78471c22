// Open-model load of one service at one rate, for benchmarks/load.py.
//
// Requests start when the clock says, whether or not earlier ones have been answered. k6 spaces its
// arrivals evenly; each waits a random time first, many gaps long, which makes them near Poisson.
// The first moments are not counted: a hundred clients start and connect at once in them, which is
// this generator's beginning, and no load that a service meets.
import http from 'k6/http';
import { sleep } from 'k6';
import exec from 'k6/execution';
import { SharedArray } from 'k6/data';
import { Counter, Trend } from 'k6/metrics';

const rate = Number(__ENV.RATE);
const spread = 50 / rate; // seconds
const warm = Number(__ENV.WARM_SECONDS);
const bodies = new SharedArray('bodies', () => JSON.parse(open(__ENV.BODIES))); // once, not per client
const answered = new Trend('answered', true);
const refused = new Trend('refused', true);
const failed = new Counter('failed');

const percentiles = ['avg', 'med', 'p(95)', 'p(99)', 'p(99.9)', 'max', 'count'];

export const options = {
  discardResponseBodies: true,
  noConnectionReuse: false,
  systemTags: ['status'], // each tag of a sample is work on the core that the server may need
  summaryTrendStats: percentiles,
  scenarios: {
    load: {
      executor: 'constant-arrival-rate',
      rate: rate,
      timeUnit: '1s',
      duration: `${warm + Number(__ENV.SECONDS)}s`,
      gracefulStop: '5s',
      preAllocatedVUs: Number(__ENV.USERS),
      maxVUs: Number(__ENV.USERS) * 4,
    },
  },
};

const parameters = { headers: { 'content-type': 'application/json' }, timeout: '10s' };

export default function () {
  const counts = exec.instance.currentTestRunDuration > 1e3 * warm;
  sleep(Math.random() * spread);
  const body = bodies[Math.floor(Math.random() * bodies.length)];
  const response = http.post(__ENV.URL, body, parameters);
  if (!counts) return;
  const took = response.timings.blocked + response.timings.connecting + response.timings.duration;
  if (response.status === 200) answered.add(took);
  else if (response.status === 429 || response.status === 503) refused.add(took);
  else failed.add(1);
}

export function handleSummary(data) {
  const found = { seconds: data.state.testRunDurationMs / 1000, answered: {}, refused: {}, failed: 0 };
  for (const name of ['answered', 'refused']) {
    if (data.metrics[name]) found[name] = data.metrics[name].values;
  }
  if (data.metrics.failed) found.failed = data.metrics.failed.values.count;
  if (data.metrics.dropped_iterations) found.dropped = data.metrics.dropped_iterations.values.count;
  return { [__ENV.SUMMARY]: JSON.stringify(found) };
}
