/* Message IDs; see window.h. */
#include "ipsec/ike/window.h"

enum ike_window_verdict ike_window_check(const struct ike_window *window, uint32_t message_id)
{
    if (message_id == window->receive_next)
        return IKE_WINDOW_FRESH;
    if (window->receive_next && message_id == window->receive_next - 1 && window->response)
        return IKE_WINDOW_DUPLICATE;
    return IKE_WINDOW_OUTSIDE;
}

void ike_window_answered(struct ike_window *window, struct ike_datagrams *response)
{
    ike_datagrams_free(window->response);
    window->response = response;
    window->receive_next++;
}

bool ike_window_advance(struct ike_window *window, bool own, uint32_t next)
{
    uint32_t *counter = own ? &window->send_next : &window->receive_next;
    if (next <= *counter)
        return false;
    *counter = next;
    if (!own) { /* the last answer is to no request that could come again */
        ike_datagrams_free(window->response);
        window->response = NULL;
    }
    return true;
}

void ike_window_fini(struct ike_window *window)
{
    ike_datagrams_free(window->response);
    window->response = NULL;
}
