/*
 * Messages of every kind that the engine sends, with made-up contents: for parsers to be tried on,
 * for tshark to name, for the corpora of the fuzz targets.
 */
#ifndef TESTS_IKE_SAMPLES_H
#define TESTS_IKE_SAMPLES_H

#include "ipsec/ike/builder.h"

#define SAMPLE_SIZE_MAX 4096

struct sample {
    const char *name;
    uint8_t exchange;
    uint8_t flags;
    uint8_t message_id;
    bool protected;
    bool spi_r_zero; /* the first request of an IKE SA */
    void (*write)(struct ike_builder *b);
};

extern const struct sample SAMPLES[];
extern const size_t SAMPLE_COUNT;

/* Asserts that there is one of this name. */
const struct sample *sample_named(const char *name);

/* The header that a sample has under these SPIs. */
struct ike_header sample_header(const struct sample *sample, uint64_t spi_i, uint64_t spi_r);

/* An unprotected sample, or the inner chain of a protected one in a message without protection. */
size_t sample_build_plain(const struct sample *sample, uint8_t *out, size_t capacity);

/*
 * Hexadecimal digits, blanks between them ignored, to bytes; returns how many. Asserts that they
 * fit.
 */
size_t sample_unhex(const char *hex, uint8_t *out, size_t capacity);

#endif
