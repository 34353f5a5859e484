/*
 * MOBIKE, RFC 4555, for what happens between gateways: a NAT in front of the initiator gives it another
 * address or port. The initiator finds out by its liveness checks (section 3.8), tells the responder by
 * UPDATE_SA_ADDRESSES (3.5), and COOKIE2 proves that the answer belongs to it (3.7). Own addresses do not change.
 */
#include "ipsec/crypto/hash.h"
#include "ipsec/ike/engine.h"
#include "ipsec/ike/exchanges.h"
#include "ipsec/ike/nat.h"

enum {
    COOKIE2_MIN = 8, /* RFC 4555 section 4.2.5 */
    COOKIE2_MAX = 64,
};

bool ike_mobike_begin(struct ike_sa *sa, struct ike_task *task, struct ike_builder *b)
{
    base_rng_fill(&sa->endpoint->rng, task->cookie2, sizeof(task->cookie2));
    ike_write_notify(b, IKE_NOTIFY_UPDATE_SA_ADDRESSES, NULL, 0);
    ike_nat_write(sa, b, sa->spi_i, sa->spi_r);
    ike_write_notify(b, IKE_NOTIFY_COOKIE2, task->cookie2, sizeof(task->cookie2));
    return true;
}

enum ike_task_end ike_mobike_done(struct ike_sa *sa, struct ike_task *task,
                                  const struct ike_message *response)
{
    struct ike_notify_payload notify;
    if (!ike_message_notify(response, IKE_NOTIFY_COOKIE2, &notify) ||
        notify.size != sizeof(task->cookie2) ||
        !crypto_equal(notify.data, task->cookie2, notify.size)) {
        task->reason = IKE_REASON_INVALID;
        ike_sa_delete(sa, IKE_REASON_INVALID, 0); /* section 3.7 */
        return IKE_TASK_ENDED;
    }
    if (ike_message_error(response, &notify)) {
        task->reason = IKE_REASON_REFUSED;
        task->refusal = notify.type;
        return IKE_TASK_ENDED;
    }
    bool encapsulated = sa->nat.encapsulate;
    ike_nat_read(sa, response, &sa->path);
    if (encapsulated != sa->nat.encapsulate)
        ike_sa_move(sa, &sa->path);
    return IKE_TASK_ENDED;
}

void ike_mobike_check(struct ike_sa *sa, const struct ike_message *response)
{
    struct ike_notify_payload seen;
    if (!sa->mobike || !sa->initiator || !ike_sa_is_up(sa) ||
        !ike_message_notify(response, IKE_NOTIFY_NAT_DETECTION_DESTINATION_IP, &seen) ||
        seen.size != sizeof(sa->nat.seen))
        return;
    bool same = !memcmp(seen.data, sa->nat.seen, seen.size);
    bool had = sa->nat.seen_under_keys;
    memcpy(sa->nat.seen, seen.data, seen.size);
    sa->nat.seen_under_keys = true;
    /* IKE_SA_INIT's hash was over another SPI and port: it tells nothing about the mapping now. Behind a NAT the first
     * answer may come by another mapping than IKE_AUTH had, so it is told where it is (RFC 4555, 3.8). */
    if ((had || sa->nat.local) && !same && !ike_task_find(sa, IKE_TASK_ADDRESS_UPDATE, 0))
        ike_task_add(sa, IKE_TASK_ADDRESS_UPDATE);
}

void ike_mobike_respond(struct ike_sa *sa, const struct ike_message *request,
                        const struct ike_path *path, struct ike_builder *b)
{
    struct ike_notify_payload notify;
    bool detect = ike_message_notify(request, IKE_NOTIFY_NAT_DETECTION_DESTINATION_IP, &notify);
    if (ike_message_notify(request, IKE_NOTIFY_UPDATE_SA_ADDRESSES, &notify) && sa->mobike &&
        !sa->initiator) { /* only the original initiator says where the SA goes: section 3.5 */
        bool encapsulated = sa->nat.encapsulate;
        ike_nat_read(sa, request, path);
        bool same = net_addr_equal(&sa->path.remote, &path->remote) &&
                    sa->path.remote_port == path->remote_port &&
                    net_addr_equal(&sa->path.local, &path->local);
        if (!same || encapsulated != sa->nat.encapsulate)
            ike_sa_move(sa, path);
    }
    if (detect && sa->mobike) {
        /* As this request came, wherever the SA is: what the initiator compares. */
        struct ike_path kept = sa->path;
        sa->path = *path;
        ike_nat_write(sa, b, sa->spi_i, sa->spi_r);
        sa->path = kept;
    }
    if (ike_message_notify(request, IKE_NOTIFY_COOKIE2, &notify) && notify.size >= COOKIE2_MIN &&
        notify.size <= COOKIE2_MAX)
        ike_write_notify(b, IKE_NOTIFY_COOKIE2, notify.data, notify.size);
}
