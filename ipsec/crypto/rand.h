/*
 * The one source of randomness of a private libcrypto context, as a provider built into the program: what it gives
 * follows from the seed alone. Internal to this folder.
 */
#ifndef CRYPTO_RAND_H
#define CRYPTO_RAND_H

#include <openssl/types.h>
#include <stdint.h>

struct crypto_rand;

/*
 * Makes the generator the only one of `library`; before anything there has drawn a random number. Returns the
 * provider, to be unloaded by the caller before the library goes, or NULL; *rand belongs to it.
 */
OSSL_PROVIDER *crypto_rand_install(OSSL_LIB_CTX *library, struct crypto_rand **rand);

/* Starts the generator anew. */
void crypto_rand_seed(struct crypto_rand *rand, const uint8_t seed[32]);

#endif
