/* Every typed reader over the payloads of a message that was parsed. */
#include "fuzz/fuzz.h"

#include "ipsec/ike/id.h"
#include "ipsec/ike/natd.h"
#include "ipsec/ike/payload.h"
#include "ipsec/ike/proposal.h"
#include "ipsec/ike/ts.h"

#include <assert.h>

static void read_notify(const struct ike_payload *p)
{
    struct ike_notify_payload notify;
    uint16_t value16 = 0;
    uint32_t value32 = 0;
    if (ike_notify_read(&notify, p) != IKE_WIRE_OK)
        return;
    (void)ike_notify_name(notify.type);
    (void)ike_notify_spi(&notify, &value32);
    (void)ike_notify_u16(&notify, &value16);
    (void)ike_notify_u32(&notify, &value32);
}

static void read_delete(const struct ike_payload *p)
{
    struct ike_delete_payload deletion;
    if (ike_delete_read(&deletion, p) != IKE_WIRE_OK)
        return;
    for (size_t i = 0; i < deletion.count; i++)
        (void)ike_delete_spi(&deletion, i);
}

static void read_id(const struct ike_payload *p)
{
    struct ike_id id;
    char text[IKE_ID_TEXT_MAX];
    if (ike_id_read(&id, p) == IKE_WIRE_OK)
        (void)ike_id_format(&id, text);
}

static void read_ts(const struct ike_payload *p)
{
    struct ike_ts_list list;
    char text[256];
    if (ike_ts_read(&list, p) == IKE_WIRE_OK)
        (void)ike_ts_list_format(&list, text, sizeof(text));
}

static void read_one(const struct ike_payload *p)
{
    struct ike_ke_payload ke;
    struct ike_auth_payload auth;
    struct ike_nonce_payload nonce;
    struct ike_proposals proposals;
    if (p->type == IKE_PAYLOAD_KE)
        fuzz_ignore(ike_ke_read(&ke, p));
    else if (p->type == IKE_PAYLOAD_AUTH)
        fuzz_ignore(ike_auth_read(&auth, p));
    else if (p->type == IKE_PAYLOAD_NONCE)
        fuzz_ignore(ike_nonce_read(&nonce, p));
    else if (p->type == IKE_PAYLOAD_NOTIFY)
        read_notify(p);
    else if (p->type == IKE_PAYLOAD_DELETE)
        read_delete(p);
    else if (p->type == IKE_PAYLOAD_IDI || p->type == IKE_PAYLOAD_IDR)
        read_id(p);
    else if (p->type == IKE_PAYLOAD_SA)
        fuzz_ignore(ike_proposals_read(&proposals, p));
    else if (p->type == IKE_PAYLOAD_TSI || p->type == IKE_PAYLOAD_TSR)
        read_ts(p);
}

void fuzz_ike_bodies(const struct ike_message *m)
{
    struct ike_notify_payload notify;
    assert(m->count <= IKE_MESSAGE_PAYLOADS_MAX);
    for (size_t i = 0; i < m->count; i++)
        read_one(&m->payloads[i]);
    (void)ike_message_error(m, &notify);
    (void)ike_message_notify(m, IKE_NOTIFY_COOKIE, &notify);
}
