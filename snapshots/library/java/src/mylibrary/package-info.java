/**
 * Limits how often each caller may do something.
 *
 * <p>A {@link mylibrary.Limiter} holds one token bucket for each key: a burst at once, and a rate a
 * second after that. It counts within one process.
 */
package mylibrary;
