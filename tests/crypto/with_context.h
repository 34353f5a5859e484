/* One cryptographic context for all tests of a program: with_context_set_up and _tear_down are its group's. */
#ifndef TESTS_CRYPTO_WITH_CONTEXT_H
#define TESTS_CRYPTO_WITH_CONTEXT_H

#include "ipsec/crypto/context.h"

static struct crypto_context *context;

static int with_context_set_up(void **state)
{
    (void)state;
    context = crypto_context_new();
    return 0;
}

static int with_context_tear_down(void **state)
{
    (void)state;
    crypto_context_free(context);
    crypto_context_free(NULL); /* harmless */
    return 0;
}

#endif
