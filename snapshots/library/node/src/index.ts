/**
 * Limits how often each caller may do something. A `Limiter` holds one token bucket for each key:
 * `burst` at once, `rate` a second after that. It counts within one process.
 */
export { Limiter, type LimiterOptions } from "./limiter.js";
