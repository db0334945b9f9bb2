import assert from "node:assert/strict";
import { test } from "node:test";
import { Limiter } from "../src/index.js";

/** A clock that stands still until a test moves it, and a limiter that looks at it. */
function setUp(rate: number, burst: number, capacity = 10) {
  const clock = { now: 1_000 };
  return { clock, limiter: new Limiter({ rate, burst, capacity, clock: () => clock.now }) };
}

test("a burst, then the rate", () => {
  const { clock, limiter } = setUp(2, 3);
  const first = [1, 2, 3, 4].map(() => limiter.take("ada"));
  assert.deepEqual(first, [0, 0, 0, 0.5]);
  clock.now += 0.5;
  assert.equal(limiter.take("ada"), 0);
  assert.equal(limiter.take("ada"), 0.5);
});

test("keys do not share, not even with what every object has", () => {
  const { limiter } = setUp(1, 1);
  const waits = ["ada", "__proto__", "constructor", "ada"].map((key) => limiter.take(key));
  assert.deepEqual(waits, [0, 0, 0, 1]);
});

test("rest fills no more than the burst", () => {
  const { clock, limiter } = setUp(1, 2);
  limiter.take("ada");
  clock.now += 86_400;
  const waits = [1, 2, 3].map(() => limiter.take("ada"));
  assert.deepEqual(waits, [0, 0, 1]);
});

test("a clock that goes back takes nothing", () => {
  const { clock, limiter } = setUp(1, 2);
  limiter.take("ada");
  clock.now -= 500;
  assert.equal(limiter.take("ada"), 0);
  assert.equal(limiter.take("ada"), 1);
});

test("memory is bounded, and the quietest is forgotten", () => {
  const { limiter } = setUp(1, 1, 2);
  const waits = ["ada", "grace", "ada", "edsger", "ada"].map((key) => limiter.take(key));
  assert.deepEqual(waits, [0, 0, 1, 0, 1]);
  for (let caller = 0; caller < 100; caller++) limiter.take(String(caller));
  assert.equal(limiter.size, 2);
});

test("invalid limits are refused", () => {
  for (const rate of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => new Limiter({ rate, burst: 1 }), /^RangeError: rate/);
  }
  for (const burst of [0, -1, 1.5, Number.NaN]) {
    assert.throws(() => new Limiter({ rate: 1, burst }), /^RangeError: burst/);
  }
  assert.throws(() => new Limiter({ rate: 1, burst: 1, capacity: 0 }), /^RangeError: capacity/);
});

test("the clock of the platform moves on", async () => {
  const limiter = new Limiter({ rate: 1_000, burst: 1 });
  assert.equal(limiter.take("ada"), 0);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(limiter.take("ada"), 0);
});
