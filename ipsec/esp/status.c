/* The words of the status list. */
#include "ipsec/esp/status.h"

#include <assert.h>

const char *esp_status_name(enum esp_status status)
{
    static const char *const names[] = {
#define ESP_STATUS_NAME(code, word, counter) [code] = (word),
        ESP_STATUS_LIST(ESP_STATUS_NAME)
#undef ESP_STATUS_NAME
    };
    assert(status < ESP_STATUS_COUNT);
    return names[status];
}

const char *esp_status_counter(enum esp_status status)
{
    static const char *const counters[] = {
#define ESP_STATUS_COUNTER(code, word, counter) [code] = (counter),
        ESP_STATUS_LIST(ESP_STATUS_COUNTER)
#undef ESP_STATUS_COUNTER
    };
    assert(status < ESP_STATUS_COUNT);
    return counters[status];
}
