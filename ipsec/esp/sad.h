/*
 * The security association database of one gateway (RFC 4301 section 4.4.2): inbound SAs by SPI, outbound
 * ones by the reqid that policies name, of which one is current. Owns its SAs.
 *
 * One public address a gateway: an inbound SA is found by its SPI alone.
 */
#ifndef ESP_SAD_H
#define ESP_SAD_H

#include "ipsec/esp/sa.h"

struct base_warm;
struct esp_sad;

struct esp_sad *esp_sad_new(void);
/* Frees its SAs too. NULL is fine. */
void esp_sad_free(struct esp_sad *sad);

/*
 * Draws an SPI that no inbound SA here has, from 0xc0000000 to 0xcfffffff as charon does, and reserves it
 * until an inbound SA with it is added or esp_sad_release_spi.
 */
uint32_t esp_sad_reserve_spi(struct esp_sad *sad, struct base_rng *rng);
/* Gives back a reservation that came to nothing; nothing happens when an SA has taken it. */
void esp_sad_release_spi(struct esp_sad *sad, uint32_t spi);

/*
 * Adds an SA and owns it from then on. False, and the SA stays the caller's, when it is inbound and
 * another inbound SA has its SPI. An outbound SA becomes current only where its reqid has none yet.
 */
bool esp_sad_add(struct esp_sad *sad, struct esp_sa *sa) __attribute__((warn_unused_result));
/* Makes an outbound SA of the database the one that its reqid's packets take. */
void esp_sad_select(struct esp_sad *sad, struct esp_sa *sa);
/*
 * Takes an SA out and frees it. Where it was current, the one of its reqid that was added last takes
 * its place.
 */
void esp_sad_remove(struct esp_sad *sad, struct esp_sa *sa);
/* Removes all SAs and reservations, as a reboot does. */
void esp_sad_flush(struct esp_sad *sad);

/* The packet path. NULL: none. */
struct esp_sa *esp_sad_inbound(const struct esp_sad *sad, uint32_t spi);
struct esp_sa *esp_sad_outbound(const struct esp_sad *sad, uint32_t reqid);

/* The outbound SA that the peer at `destination` calls `spi`; NULL: none. Not for the packet path. */
struct esp_sa *esp_sad_outbound_spi(const struct esp_sad *sad, net_ip4 destination, uint32_t spi);

/* All SAs in the order in which they were added: for (sa = first; sa; sa = sa->next). */
struct esp_sa *esp_sad_first(const struct esp_sad *sad);
size_t esp_sad_count(const struct esp_sad *sad);

/* Adds what a packet touches that is sealed or opened by one of the SAs added last, for warming. */
void esp_sad_list_memory(const struct esp_sad *sad, enum esp_sa_direction direction,
                         struct base_warm *set);

#endif
