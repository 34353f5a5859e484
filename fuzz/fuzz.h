/*
 * What the fuzz targets share. Each target is one file with LLVMFuzzerTestOneInput: linked with
 * libFuzzer by the `fuzz` preset (clang), and with replay.c everywhere else, where ctest replays
 * its corpus.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* For results that a target does not look at: that the call returns is all that is asked. */
static inline void fuzz_ignore(long result)
{
    (void)result;
}

struct crypto_context;
struct crypto_encr;
struct crypto_integ;
struct ike_message;

/* One for the whole run: no result depends on what was done with it before. */
struct crypto_context *fuzz_context(void);

/*
 * The pairs of the product's algorithms, index < FUZZ_PAIRS: an AEAD alone (*integ NULL), every other
 * cipher with each integrity algorithm.
 */
#define FUZZ_PAIRS 22
const struct crypto_encr *fuzz_pair(size_t index, const struct crypto_integ **integ);

/*
 * Reads the body of every payload of a message with its typed reader, and answers what can be
 * answered.
 */
void fuzz_ike_bodies(const struct ike_message *m);

#endif
