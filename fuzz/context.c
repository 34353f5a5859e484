/* The one cryptographic context of a fuzz run. */
#include "fuzz/fuzz.h"

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
