/* RFC 6040 figure 4 as a table. */
#include "ipsec/esp/ecn.h"

enum {
    DROP = 4
};

bool esp_ecn_decapsulate(uint8_t inner, uint8_t outer, uint8_t *out)
{
    static const uint8_t figure_4[4][4] = {
        [ESP_ECN_NOT_ECT] = {[ESP_ECN_NOT_ECT] = ESP_ECN_NOT_ECT,
                             [ESP_ECN_ECT0] = ESP_ECN_NOT_ECT,
                             [ESP_ECN_ECT1] = ESP_ECN_NOT_ECT,
                             [ESP_ECN_CE] = DROP},
        [ESP_ECN_ECT0] = {[ESP_ECN_NOT_ECT] = ESP_ECN_ECT0,
                          [ESP_ECN_ECT0] = ESP_ECN_ECT0,
                          [ESP_ECN_ECT1] = ESP_ECN_ECT1,
                          [ESP_ECN_CE] = ESP_ECN_CE},
        [ESP_ECN_ECT1] = {[ESP_ECN_NOT_ECT] = ESP_ECN_ECT1,
                          [ESP_ECN_ECT0] = ESP_ECN_ECT1,
                          [ESP_ECN_ECT1] = ESP_ECN_ECT1,
                          [ESP_ECN_CE] = ESP_ECN_CE},
        [ESP_ECN_CE] = {[ESP_ECN_NOT_ECT] = ESP_ECN_CE,
                        [ESP_ECN_ECT0] = ESP_ECN_CE,
                        [ESP_ECN_ECT1] = ESP_ECN_CE,
                        [ESP_ECN_CE] = ESP_ECN_CE},
    };
    uint8_t mark = figure_4[inner & ESP_ECN_MASK][outer & ESP_ECN_MASK];
    if (mark == DROP)
        return false;
    *out = mark;
    return true;
}
