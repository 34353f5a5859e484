/* The one cryptographic context of a fuzz run, and what is chosen by a number in it. */
#include "fuzz/fuzz.h"

#include "ipsec/crypto/algorithm.h"
#include "ipsec/crypto/context.h"

#include <stdlib.h>

static struct crypto_context *context;

static void end(void)
{
    crypto_context_free(context);
}

struct crypto_context *fuzz_context(void)
{
    if (!context) {
        context = crypto_context_new();
        atexit(end);
    }
    return context;
}

const struct crypto_encr *fuzz_pair(size_t index, const struct crypto_integ **integ)
{
    for (size_t e = 0; crypto_encr_at(e); e++) {
        const struct crypto_encr *encr = crypto_encr_at(e);
        size_t choices = encr->aead ? 1 : 4;
        if (index < choices) {
            *integ = encr->aead ? NULL : crypto_integ_at(index);
            return encr;
        }
        index -= choices;
    }
    abort();
}
