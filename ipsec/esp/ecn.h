/*
 * The congestion mark across a tunnel: RFC 6040, normal mode. Internal to this folder.
 */
#ifndef ESP_ECN_H
#define ESP_ECN_H

#include <stdbool.h>
#include <stdint.h>

enum {
    ESP_ECN_NOT_ECT = 0,
    ESP_ECN_ECT1 = 1,
    ESP_ECN_ECT0 = 2,
    ESP_ECN_CE = 3,
    ESP_ECN_MASK = 3
};

/*
 * RFC 6040 section 4.2, figure 4: the mark that leaves the tunnel, of the arriving inner and outer marks.
 * False where the packet must be dropped (congestion on a packet whose sender cannot be told).
 */
bool esp_ecn_decapsulate(uint8_t inner, uint8_t outer, uint8_t *out)
    __attribute__((warn_unused_result));

#endif
