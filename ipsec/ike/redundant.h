/*
 * More than one IKE SA with one peer: INITIAL_CONTACT (RFC 7296 section 2.4), and two that came up at
 * once because both ends initiated.
 *
 * INITIAL_CONTACT ends only what was authenticated before the SA that carries it was begun: where both
 * ends begin at once, neither end then drops what the other has just made. Such a pair is resolved like a
 * rekey collision (section 2.8.2): the IKE SA with the lowest of the four nonces is deleted by its initiator.
 */
#ifndef IKE_REDUNDANT_H
#define IKE_REDUNDANT_H

#include <stdbool.h>

struct ike_sa;

/* Another IKE SA of the same peer that is up and carries a child; NULL: none. */
struct ike_sa *ike_redundant_other(const struct ike_sa *sa);

/*
 * Whether our IKE_AUTH may say INITIAL_CONTACT: nothing else between the two identities is authenticated, of whatever
 * tunnel, or may be at the other end.
 */
bool ike_redundant_may_say(const struct ike_sa *sa);

/* The peer said INITIAL_CONTACT in this SA, which is authenticated now: for all tunnels between the identities. */
void ike_redundant_initial_contact(struct ike_sa *sa);

/* The SA has just been authenticated: resolves what crossed with it. */
void ike_redundant_resolve(struct ike_sa *sa);

/* At sa->redundant_at: the other has had time to come up at both ends. */
void ike_redundant_expire(struct ike_sa *sa);

#endif
