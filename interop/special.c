/* See special.h. Where a case sets one side apart from the other, "starter" and "other" are as in cases.h. */
#include "interop/special.h"

#include <string.h>

#include "ipsec/crypto/algorithm.h"
#include "ipsec/ike/wire.h"

#define UP                                                                                         \
    {                                                                                              \
        .op = INTEROP_OP_UP                                                                        \
    }
#define PINGS                                                                                      \
    {                                                                                              \
        .op = INTEROP_OP_PING, .value = 3                                                          \
    }
#define END                                                                                        \
    {                                                                                              \
        .op = INTEROP_OP_END                                                                       \
    }
#define STEPS(...) ((const struct interop_step[]){__VA_ARGS__, END})
#define OWN(setting) ((setting)->ends[(setting)->starter])
#define OTHER(setting) ((setting)->ends[!(setting)->starter])

/* ---- What is set ---- */

static void without_pfs(struct interop_setting *s)
{
    for (int i = 0; i < INTEROP_SIDES; i++)
        s->ends[i].tunnel->esp.group = NULL;
}

static void quick_liveness(struct interop_setting *s)
{
    OWN(s).behaviour->dpd_delay_ns = 1 * BASE_S;
}

/* Gives up after 0.3 + 0.3 + 0.3 s. */
static void impatient(struct interop_setting *s)
{
    for (int i = 0; i < INTEROP_SIDES; i++) {
        s->ends[i].behaviour->retransmit_timeout_ns = 300 * BASE_MS;
        s->ends[i].behaviour->retransmit_base = 1;
        s->ends[i].behaviour->retransmit_tries = 2;
    }
}

static void ours_looks_and_begins_anew(struct interop_setting *s)
{
    impatient(s);
    s->ends[INTEROP_OURS].behaviour->dpd_delay_ns = 1 * BASE_S;
    s->ends[INTEROP_OURS].behaviour->start = TOPO_START_AT_ONCE;
}

static void charon_begins_anew(struct interop_setting *s)
{
    s->ends[INTEROP_CHARON].behaviour->start = TOPO_START_AT_ONCE;
}

static void most_secure(struct interop_setting *s)
{
    for (int i = 0; i < INTEROP_SIDES; i++)
        s->ends[i].behaviour->negotiation = TOPO_NEGOTIATION_MOST_SECURE;
}

/* The starter's guess is a group that the other does not take, among others that it does. */
static void wrong_ike_group(struct interop_setting *s)
{
    OWN(s).behaviour->negotiation = TOPO_NEGOTIATION_MOST_SECURE;
    OTHER(s).tunnel->ike.group = crypto_group_named("ecp384");
}

static void wrong_esp_group(struct interop_setting *s)
{
    OWN(s).behaviour->negotiation = TOPO_NEGOTIATION_MOST_SECURE;
    OTHER(s).tunnel->esp.group = crypto_group_named("ecp384");
}

static void esp_groups_differ(struct interop_setting *s)
{
    OTHER(s).tunnel->esp.group = crypto_group_named("ecp384");
}

/* Our engine does not take an error that nobody signed for its answer at once: it asks again, twice. */
static void other_ike(struct interop_setting *s)
{
    s->ends[INTEROP_OURS].behaviour->retransmit_timeout_ns = 300 * BASE_MS;
    OTHER(s).tunnel->ike.encryption = crypto_encr_named("aes256gcm16");
}

static void other_esp(struct interop_setting *s)
{
    OTHER(s).tunnel->esp.encryption = crypto_encr_named("aes256gcm16");
}

static void other_key(struct interop_setting *s)
{
    OTHER(s).tunnel->psk = "this is not the key of the other side";
}

/* What the starter says that it is stands in no configuration of the other. */
static void other_name(struct interop_setting *s)
{
    OWN(s).tunnel->local_id = "somebody.else.example";
}

static void names(struct interop_setting *s)
{
    OWN(s).tunnel->local_id = OTHER(s).tunnel->remote_id = "starter.example";
    OWN(s).tunnel->remote_id = OTHER(s).tunnel->local_id = "other.example";
}

static void mailboxes(struct interop_setting *s)
{
    OWN(s).tunnel->local_id = OTHER(s).tunnel->remote_id = "starter@example.org";
    OWN(s).tunnel->remote_id = OTHER(s).tunnel->local_id = "other@example.org";
}

static void set_networks(struct base_arena *arena, struct topo_cidr **list, size_t *count,
                         const char *text)
{
    *list = base_arena_array(arena, 1, sizeof(**list));
    *count = net_prefix_parse(text, NET_PREFIX_MASK, &(*list)->prefix) ? 1 : 0;
}

/* The starter asks for all addresses on both sides; the other's configuration says what it gets. */
static void wide(struct interop_setting *s)
{
    struct topo_tunnel *own = OWN(s).tunnel;
    set_networks(s->arena, &own->cloud, &own->cloud_count, "0.0.0.0/0");
    set_networks(s->arena, &own->peer, &own->peer_count, "0.0.0.0/0");
}

static void disjoint(struct interop_setting *s)
{
    struct topo_tunnel *own = OWN(s).tunnel;
    set_networks(s->arena, &own->peer, &own->peer_count, "172.31.0.0/24");
}

static struct topo_cidr *twenty(struct base_arena *arena, const struct topo_cidr *first,
                                net_ip4 others)
{
    struct topo_cidr *list = base_arena_array(arena, TOPO_CIDRS_MAX, sizeof(*list));
    list[0] = *first;
    for (unsigned k = 1; k < TOPO_CIDRS_MAX; k++) /* no two adjacent */
        list[k].prefix = net_prefix_from_ip4(others + (k << 9), 24);
    return list;
}

/*
 * Long names, and twenty networks in our two lists (kernel-libipsec wants an own address in each of
 * charon's own networks, so it has one, and ours are narrowed), and with them all algorithms: our
 * IKE_AUTH request is larger than a fragment of 1,280 bytes, charon's messages than one of 600.
 */
static void large(struct interop_setting *s)
{
    struct topo_tunnel *ours = s->ends[INTEROP_OURS].tunnel;
    struct topo_tunnel *theirs = s->ends[INTEROP_CHARON].tunnel;
    char *names_of[INTEROP_SIDES];
    for (int i = 0; i < INTEROP_SIDES; i++) {
        names_of[i] = base_arena_alloc(s->arena, 251);
        memset(names_of[i], 'a' + i, 250);
        for (int at = 50; at < 250; at += 50)
            names_of[i][at] = '.';
    }
    ours->cloud = theirs->peer = twenty(s->arena, ours->cloud, NET_IP4(172, 16, 0, 0));
    ours->peer = twenty(s->arena, ours->peer, NET_IP4(172, 17, 0, 0));
    ours->cloud_count = ours->peer_count = theirs->peer_count = TOPO_CIDRS_MAX;
    ours->local_id = theirs->remote_id = names_of[INTEROP_OURS];
    theirs->local_id = ours->remote_id = names_of[INTEROP_CHARON];
    most_secure(s);
}

static void forced_encapsulation(struct interop_setting *s)
{
    OWN(s).behaviour->force_udp_encapsulation = true;
}

static void without_mobike(struct interop_setting *s)
{
    OWN(s).behaviour->mobike = false;
}

static void with_esn(struct interop_setting *s)
{
    for (int i = 0; i < INTEROP_SIDES; i++)
        s->ends[i].behaviour->esn = true;
}

static void behind_nat(struct interop_setting *s)
{
    struct topo_nat *nat = &s->nats[s->starter];
    names(s);
    nat->public_ip = net_addr_from_ip4(NET_IP4(198, 19, 255, 1 + s->starter));
    nat->subnet = net_prefix_from_ip4(NET_IP4(10, 250, s->starter, 0), 24);
    nat->mapping_timeout_ns = TOPO_NAT_TIMEOUT_DEFAULT;
    nat->type = TOPO_NAT_PORT_RESTRICTED;
}

/* With MOBIKE it is the initiator's to notice: by NAT detection in its liveness checks, from the
 * second on (RFC 4555 section 3.8). */
static void behind_forgetful_nat(struct interop_setting *s)
{
    behind_nat(s);
    s->nats[s->starter].public_ip = net_addr_from_ip4(NET_IP4(198, 19, 255, 11 + s->starter));
    quick_liveness(s);
}

/* ---- The cases ---- */

#define REKEY "Rekeying"
#define DELETE "Deleting, and whether the peer is there"
#define INIT "Beginning"
#define REFUSAL "Refusals"
#define PATH "Paths"
#define DEATH "Death and rebirth"
#define R7296 "RFC 7296 section "

#define RULE_REKEY                                                                                 \
    "To rekey a Child SA within an existing IKE SA, create a new, equivalent SA, and when the "    \
    "new one is established, delete the old one."
#define RULE_INHERITS                                                                              \
    "An IKE SA so created inherits all of the original IKE SA's Child SAs, and the new IKE SA is " \
    "used for all control messages needed to maintain those Child SAs."
#define RULE_LOWEST                                                                                \
    "If redundant SAs are created through such a collision, the SA created with the lowest of "    \
    "the four nonces used in the two exchanges SHOULD be closed by the endpoint that created it."
#define RULE_FAILED                                                                                \
    "An endpoint MUST conclude that the other endpoint has failed only when repeated attempts "    \
    "to contact it have gone unanswered for a timeout period or when a cryptographically "         \
    "protected INITIAL_CONTACT notification is received on a different IKE SA to the same "        \
    "authenticated identity."
#define RULE_NAT                                                                                   \
    "The IKE initiator MUST check the NAT_DETECTION_SOURCE_IP or NAT_DETECTION_DESTINATION_IP "    \
    "payloads if present, and if they do not match the addresses in the outer packet, MUST "       \
    "tunnel all future IKE and ESP packets associated with this IKE SA over UDP port 4500."

static const struct interop_case cases[] = {
    {.group = REKEY,
     .name = "child SA with PFS, by the side that began and by the other",
     .rfc = R7296 "2.8",
     .rule = RULE_REKEY,
     .steps = STEPS(UP, {.op = INTEROP_OP_REKEY_CHILD}, PINGS,
                    {.op = INTEROP_OP_REKEY_CHILD, .other = true}, PINGS,
                    {.op = INTEROP_OP_SEEN, .value = IKE_NOTIFY_REKEY_SA})},
    {.group = REKEY,
     .name = "child SA without PFS, by the side that began and by the other",
     .rfc = R7296 "1.3.1",
     .rule = "The CREATE_CHILD_SA request MAY optionally contain a KE payload for an additional "
             "Diffie-Hellman exchange to enable stronger guarantees of forward secrecy for the "
             "Child SA.",
     .set = without_pfs,
     .steps = STEPS(UP, {.op = INTEROP_OP_REKEY_CHILD}, PINGS,
                    {.op = INTEROP_OP_REKEY_CHILD, .other = true}, PINGS)},
    {.group = REKEY,
     .name = "IKE SA, by the side that began and by the other",
     .rfc = R7296 "2.8",
     .rule = RULE_INHERITS,
     .steps =
         STEPS(UP, {.op = INTEROP_OP_REKEY_IKE}, PINGS, {.op = INTEROP_OP_REKEY_IKE, .other = true},
               PINGS, {.op = INTEROP_OP_REKEY_CHILD}, PINGS)},
    {.group = REKEY,
     .name = "child SA, by both in one moment",
     .rfc = R7296 "2.8.1",
     .rule = RULE_LOWEST,
     .steps = STEPS(UP, {.op = INTEROP_OP_REKEY_CHILD_BOTH}, PINGS,
                    {.op = INTEROP_OP_REKEY_CHILD_BOTH}, PINGS)},
    {.group = REKEY,
     .name = "IKE SA, by both in one moment",
     .rfc = R7296 "2.8.2",
     .rule = "The new IKE SA containing the lowest nonce SHOULD be deleted by the node that "
             "created it, and the other surviving new IKE SA MUST inherit all the Child SAs.",
     .steps = STEPS(UP, {.op = INTEROP_OP_REKEY_IKE_BOTH}, PINGS, {.op = INTEROP_OP_REKEY_CHILD},
                    PINGS)},
    {.group = REKEY,
     .name = "INVALID_KE_PAYLOAD to a rekey, and a second try",
     .rfc = R7296 "1.3",
     .rule = "If the guess turns out to be wrong, the responder MUST indicate the correct group "
             "in the INVALID_KE_PAYLOAD error message.",
     .daemon = INTEROP_OWN,
     .set = wrong_esp_group,
     .steps = STEPS(UP, {.op = INTEROP_OP_REKEY_CHILD},
                    {.op = INTEROP_OP_SEEN, .value = IKE_NOTIFY_INVALID_KE_PAYLOAD}, PINGS)},

    {.group = DELETE,
     .name = "child SA, by the side that began",
     .rfc = R7296 "1.4.1",
     .rule = "The recipient MUST close the designated SAs.",
     .steps = STEPS(UP, PINGS, {.op = INTEROP_OP_DELETE_CHILD}, {.op = INTEROP_OP_IKE_ALONE}, UP,
                    PINGS)},
    {.group = DELETE,
     .name = "child SA, by the other side",
     .rfc = R7296 "1.4.1",
     .rule = "The recipient MUST close the designated SAs.",
     .steps = STEPS(UP, PINGS, {.op = INTEROP_OP_DELETE_CHILD, .other = true},
                    {.op = INTEROP_OP_IKE_ALONE}, UP, PINGS)},
    {.group = DELETE,
     .name = "IKE SA, by the side that began",
     .rfc = R7296 "1.4.1",
     .rule = "Deleting an IKE SA implicitly closes any remaining Child SAs negotiated under it.",
     .steps = STEPS(UP, PINGS, {.op = INTEROP_OP_DELETE_IKE}, UP, PINGS)},
    {.group = DELETE,
     .name = "IKE SA, by the other side",
     .rfc = R7296 "1.4.1",
     .rule = "Deleting an IKE SA implicitly closes any remaining Child SAs negotiated under it.",
     .steps = STEPS(UP, PINGS, {.op = INTEROP_OP_DELETE_IKE, .other = true}, UP, PINGS)},
    {.group = DELETE,
     .name = "liveness checks (DPD)",
     .rfc = R7296 "2.4",
     .rule = "If no cryptographically protected messages have been received on an IKE SA or any "
             "of its Child SAs recently, the system needs to perform a liveness check in order "
             "to prevent sending messages to a dead peer.",
     .daemon = INTEROP_OWN,
     .set = quick_liveness,
     .steps = STEPS(UP, PINGS, {.op = INTEROP_OP_LIVENESS, .value = 2}, PINGS)},

    {.group = INIT,
     .name = "cookies demanded by charon",
     .rfc = R7296 "2.6",
     .rule = "If the IKE_SA_INIT response includes the COOKIE notification, the initiator MUST "
             "then retry the IKE_SA_INIT request, and include the COOKIE notification containing "
             "the received data as the first payload, and all other payloads unchanged.",
     .daemon = INTEROP_COOKIES,
     .sides = {[INTEROP_OURS] = true},
     .no_side = "it is charon who demands them",
     .steps = STEPS({.op = INTEROP_OP_HALF_OPEN}, UP,
                    {.op = INTEROP_OP_SEEN, .value = IKE_NOTIFY_COOKIE}, PINGS)},
    {.group = INIT,
     .name = "INVALID_KE_PAYLOAD, and a second try",
     .rfc = R7296 "1.2",
     .rule = "If the initiator guesses wrong, the responder will respond with a Notify payload "
             "of type INVALID_KE_PAYLOAD indicating the selected group. In this case, the "
             "initiator MUST retry the IKE_SA_INIT with the corrected Diffie-Hellman group.",
     .daemon = INTEROP_OWN,
     .set = wrong_ike_group,
     .steps = STEPS(UP, {.op = INTEROP_OP_SEEN, .value = IKE_NOTIFY_INVALID_KE_PAYLOAD}, PINGS)},
    {.group = INIT,
     .name = "charon's messages in fragments",
     .rfc = "RFC 7383 section 2.3",
     .rule = "The initiator indicates its support for IKE fragmentation and willingness to use "
             "it by including a Notification payload of type IKEV2_FRAGMENTATION_SUPPORTED in "
             "the IKE_SA_INIT request message.",
     .daemon = INTEROP_FRAGMENTS,
     .set = large,
     .steps = STEPS(UP, {.op = INTEROP_OP_LOGGED, .text = "splitting IKE message"}, PINGS)},
    {.group = INIT,
     .name = "our messages in fragments",
     .rfc = "RFC 7383 section 2.6",
     .rule = "When a peer receives a fragment, it reassembles the message once all of its "
             "fragments, each authentic by itself, are there.",
     .daemon = INTEROP_FRAGMENTS,
     .set = large,
     .sides = {[INTEROP_OURS] = true},
     .no_side = "our response is too small for fragments of 1,280 bytes",
     .steps =
         STEPS(UP, {.op = INTEROP_OP_LOGGED, .text = "reassembled fragmented IKE message"}, PINGS)},
    {.group = INIT,
     .name = "all of the product's algorithms offered",
     .rfc = R7296 "2.7",
     .rule = "The responder MUST choose a single suite, which may be any subset of the SA "
             "proposal.",
     .daemon = INTEROP_OWN,
     .set = most_secure,
     .steps =
         STEPS(UP, PINGS, {.op = INTEROP_OP_REKEY_CHILD}, {.op = INTEROP_OP_REKEY_IKE}, PINGS)},
    {.group = INIT,
     .name = "identities that are names",
     .rfc = R7296 "3.5",
     .rule = "ID_FQDN: A fully-qualified domain name string.",
     .set = names,
     .steps = STEPS(UP, PINGS)},
    {.group = INIT,
     .name = "identities that are mailboxes",
     .rfc = R7296 "3.5",
     .rule = "ID_RFC822_ADDR: A fully-qualified RFC 822 email address string.",
     .set = mailboxes,
     .steps = STEPS(UP, PINGS)},
    {.group = INIT,
     .name = "selectors are narrowed",
     .rfc = R7296 "2.9",
     .rule = "The responder is allowed to narrow the choices by selecting a subset of the "
             "traffic, for instance by eliminating or narrowing the range of one or more members "
             "of the set of Traffic Selectors, provided the set does not become the NULL set.",
     .daemon = INTEROP_OWN,
     .set = wide,
     .steps = STEPS(UP, PINGS)},

    {.group = REFUSAL,
     .name = "wrong key",
     .rfc = R7296 "2.21.2",
     .rule = "If the failure is related to creating the IKE SA (for example, an "
             "AUTHENTICATION_FAILED Notify error message is returned), the IKE SA is not created.",
     .daemon = INTEROP_OWN,
     .set = other_key, /* charon tries every key that it has for its own identity */
     .steps = STEPS({.op = INTEROP_OP_REFUSED, .value = IKE_NOTIFY_AUTHENTICATION_FAILED})},
    {.group = REFUSAL,
     .name = "wrong identity",
     .rfc = R7296 "2.21.2",
     .rule = "If the failure is related to creating the IKE SA (for example, an "
             "AUTHENTICATION_FAILED Notify error message is returned), the IKE SA is not created.",
     .set = other_name,
     .steps = STEPS({.op = INTEROP_OP_REFUSED, .value = IKE_NOTIFY_AUTHENTICATION_FAILED})},
    {.group = REFUSAL,
     .name = "no IKE algorithms in common",
     .rfc = R7296 "3.10.1",
     .rule = "NO_PROPOSAL_CHOSEN: None of the proposed crypto suites was acceptable.",
     .set = other_ike,
     .steps = STEPS({.op = INTEROP_OP_REFUSED, .value = IKE_NOTIFY_NO_PROPOSAL_CHOSEN})},
    {.group = REFUSAL,
     .name = "no ESP algorithms in common",
     .rfc = R7296 "1.2",
     .rule = "If creating the Child SA during the IKE_AUTH exchange fails for some reason, the "
             "IKE SA is still created as usual.",
     .set = other_esp,
     .steps = STEPS({.op = INTEROP_OP_REFUSED, .value = IKE_NOTIFY_NO_PROPOSAL_CHOSEN},
                    {.op = INTEROP_OP_IKE_ALONE})},
    {.group = REFUSAL,
     .name = "no selectors in common",
     .rfc = R7296 "2.9",
     .rule = "If the responder's policy does not allow it to accept any part of the proposed "
             "Traffic Selectors, it responds with a TS_UNACCEPTABLE Notify message.",
     .set = disjoint,
     .steps = STEPS({.op = INTEROP_OP_REFUSED, .value = IKE_NOTIFY_TS_UNACCEPTABLE},
                    {.op = INTEROP_OP_IKE_ALONE})},
    {.group = REFUSAL,
     .name = "PFS groups that differ show at the first rekey",
     .rfc = R7296 "1.2",
     .rule = "Note that IKE_AUTH messages do not contain KEi/KEr or Ni/Nr payloads. Thus, the SA "
             "payloads in the IKE_AUTH exchange cannot contain Transform Type 4 with any value "
             "other than NONE.",
     .set = esp_groups_differ,
     .steps =
         STEPS(UP, PINGS, {.op = INTEROP_OP_REKEY_CHILD, .value = IKE_NOTIFY_NO_PROPOSAL_CHOSEN})},

    {.group = PATH,
     .name = "a NAT in front of the side that begins",
     .rfc = R7296 "2.23",
     .rule = RULE_NAT,
     .daemon = INTEROP_OWN,
     .set = behind_nat,
     .steps = STEPS(UP, PINGS, {.op = INTEROP_OP_ENCAPSULATED}, {.op = INTEROP_OP_REKEY_CHILD},
                    {.op = INTEROP_OP_REKEY_CHILD, .other = true}, PINGS)},
    {.group = PATH,
     .name = "the NAT forgets, and gives out another port",
     .rfc = "RFC 4555 section 3.8",
     .rule =
         "When the initiator is behind a NAT (as detected earlier using the "
         "NAT_DETECTION_SOURCE_IP "
         "and NAT_DETECTION_DESTINATION_IP notifications), it SHOULD include these notifications "
         "in DPD messages and compare the received NAT_DETECTION_DESTINATION_IP notifications "
         "with the value from the previous UPDATE_SA_ADDRESSES response (or the IKE_SA_INIT "
         "response).",
     .daemon = INTEROP_OWN,
     .set = behind_forgetful_nat,
     .steps = STEPS(UP, PINGS, {.op = INTEROP_OP_LIVENESS, .value = 2}, {.op = INTEROP_OP_REBIND},
                    {.op = INTEROP_OP_LIVENESS, .value = 2},
                    {.op = INTEROP_OP_SEEN, .value = IKE_NOTIFY_UPDATE_SA_ADDRESSES},
                    {.op = INTEROP_OP_SETTLE}, PINGS)},
    {.group = PATH,
     .name = "UDP encapsulation forced by the side that begins",
     .rfc = R7296 "2.23",
     .rule = RULE_NAT,
     .daemon = INTEROP_OWN,
     .set = forced_encapsulation,
     .steps =
         STEPS(UP, PINGS, {.op = INTEROP_OP_ENCAPSULATED}, {.op = INTEROP_OP_REKEY_CHILD}, PINGS)},
    {.group = PATH,
     .name = "charon's address changes (MOBIKE)",
     .rfc = "RFC 4555 section 3.5",
     .rule = "If the NAT prohibition and return routability allow it, the responder updates the "
             "IP addresses in the IKE_SA and the IPsec SAs with those of the packet that "
             "UPDATE_SA_ADDRESSES came in.",
     .daemon = INTEROP_OWN,
     .sides = {[INTEROP_CHARON] = true},
     .no_side = "only the original initiator may move an IKE SA (RFC 4555 section 3.5)",
     .steps = STEPS(UP, PINGS, {.op = INTEROP_OP_MOVE},
                    {.op = INTEROP_OP_SEEN, .value = IKE_NOTIFY_UPDATE_SA_ADDRESSES},
                    {.op = INTEROP_OP_SETTLE, .value = 1}, PINGS)},
    {.group = PATH,
     .name = "without MOBIKE",
     .rfc = "RFC 4555 section 3.2",
     .rule = "Implementations that wish to use MOBIKE for a particular IKE_SA MUST include a "
             "MOBIKE_SUPPORTED notification in the IKE_AUTH exchange.",
     .daemon = INTEROP_OWN,
     .set = without_mobike,
     .steps = STEPS(UP, PINGS, {.op = INTEROP_OP_REKEY_CHILD}, PINGS)},
    {.group = PATH,
     .name = "extended sequence numbers",
     .rfc = R7296 "3.3.2",
     .rule = "For Transform Type 5 (Extended Sequence Numbers), defined Transform IDs: No Extended "
             "Sequence Numbers 0, Extended Sequence Numbers 1.",
     .needs_xfrm = true,
     .daemon = INTEROP_OWN,
     .set = with_esn,
     .steps = STEPS(UP, PINGS, {.op = INTEROP_OP_REKEY_CHILD}, PINGS)},
    {.group = PATH,
     .name = "ESP without UDP (protocol 50)",
     .rfc = "RFC 4303 section 2",
     .rule = "The (outer) protocol header that immediately precedes the ESP header SHALL contain "
             "the value 50 in its Protocol field.",
     .needs_xfrm = true,
     .steps = STEPS(UP, PINGS)},

    {.group = DEATH,
     .name = "charon is killed and starts again: it begins anew",
     .rfc = R7296 "2.4",
     .rule = RULE_FAILED,
     .daemon = INTEROP_OWN,
     .set = charon_begins_anew,
     .sides = {[INTEROP_CHARON] = true},
     .no_side = "the other row of this group",
     .steps = STEPS({.op = INTEROP_OP_COME_UP, .value = 5}, PINGS, {.op = INTEROP_OP_KILL},
                    {.op = INTEROP_OP_START}, {.op = INTEROP_OP_COME_UP, .value = 5},
                    {.op = INTEROP_OP_SEEN, .value = IKE_NOTIFY_INITIAL_CONTACT}, PINGS)},
    {.group = DEATH,
     .name = "charon is killed and starts again: we notice, and begin anew",
     .rfc = R7296 "2.4",
     .rule = RULE_FAILED,
     .daemon = INTEROP_OWN,
     .set = ours_looks_and_begins_anew,
     .sides = {[INTEROP_OURS] = true},
     .no_side = "the other row of this group",
     .steps = STEPS({.op = INTEROP_OP_COME_UP, .value = 5}, PINGS, {.op = INTEROP_OP_KILL},
                    {.op = INTEROP_OP_START}, {.op = INTEROP_OP_GO_DOWN, .value = 10},
                    {.op = INTEROP_OP_COME_UP, .value = 40}, PINGS)},
    {.group = DEATH,
     .name = "charon is ended, and takes its leave",
     .rfc = R7296 "1.4.1",
     .rule = "Deleting an IKE SA implicitly closes any remaining Child SAs negotiated under it.",
     .daemon = INTEROP_OWN,
     .steps = STEPS(UP, PINGS, {.op = INTEROP_OP_QUIT}, {.op = INTEROP_OP_GO_DOWN, .value = 5},
                    {.op = INTEROP_OP_START}, UP, PINGS)},
    {.group = DEATH,
     .name = "our gateway is killed and starts again",
     .rfc = R7296 "2.4",
     .rule = "The INITIAL_CONTACT notification asserts that this IKE SA is the only IKE SA "
             "currently active between the authenticated identities.",
     .sides = {[INTEROP_OURS] = true},
     .no_side = "either engine sends INITIAL_CONTACT as initiator only",
     .steps = STEPS(UP, PINGS, {.op = INTEROP_OP_RESTART_OURS}, UP, PINGS)},
};

const struct interop_case *interop_special_at(size_t i)
{
    return i < sizeof(cases) / sizeof(cases[0]) ? &cases[i] : NULL;
}
