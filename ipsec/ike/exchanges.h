/*
 * What each exchange is for the rest: the functions of its file. begin and done are task.h's, the respond
 * ones take an authenticated request and write the response's payloads.
 */
#ifndef IKE_EXCHANGES_H
#define IKE_EXCHANGES_H

#include "ipsec/ike/payload.h"
#include "ipsec/ike/sa.h"

/* exchange_init.c: IKE_SA_INIT */
struct ike_sa *ike_connect(struct ike_endpoint *endpoint, struct ike_peer *peer, bool asked,
                           const struct ike_flow *flow);
void ike_connect_abandon(struct ike_sa *sa, struct ike_task *task);
/* Each returns why the message was dropped without a word; IKE_REASON_OK: it was not. */
enum ike_reason ike_init_respond(struct ike_endpoint *ep, const struct ike_path *path,
                                 const struct ike_message *request);
enum ike_reason ike_init_answered(struct ike_sa *sa, const struct ike_path *path,
                                  const struct ike_message *response);
/* Another answer when one is followed already: kept where it may be as good. */
enum ike_reason ike_init_answered_again(struct ike_sa *sa, const struct ike_path *path,
                                        const struct ike_message *response);
/* Sends IKE_AUTH to the next of these, for sa->active; the one before is kept as well (`keep`). False: there is none. */
bool ike_init_follow_other(struct ike_sa *sa, bool keep);
/* The first request's time-out: true while it is worth waiting on. */
bool ike_init_retry(struct ike_sa *sa);
/* Then sends it again, or as it was asked for meanwhile. */
void ike_init_again(struct ike_sa *sa);
/*
 * AUTH failed: whether that may be because it was made over another first request than the one that was answered. True
 * once in an attempt.
 */
bool ike_connect_doubtful(const struct ike_sa *sa);
/* The attempt begins once more, in another IKE SA: for this one's task, which is over. */
void ike_connect_anew(struct ike_sa *sa, const struct ike_task *task);

/* exchange_auth.c: IKE_AUTH */
void ike_auth_send(struct ike_sa *sa);
enum ike_task_end ike_auth_done(struct ike_sa *sa, struct ike_task *task,
                                const struct ike_message *response);
void ike_auth_respond(struct ike_sa *sa, const struct ike_message *request,
                      const struct ike_path *path, struct ike_builder *b);

/* exchange_create.c: CREATE_CHILD_SA as responder, and a new child as initiator */
bool ike_child_create_begin(struct ike_sa *sa, struct ike_task *task, struct ike_builder *b);
enum ike_task_end ike_child_create_done(struct ike_sa *sa, struct ike_task *task,
                                        const struct ike_message *response);
void ike_create_respond(struct ike_sa *sa, const struct ike_message *request,
                        const struct ike_path *path, struct ike_builder *b);
/* In a state in which nothing can be made: TEMPORARY_FAILURE. */
void ike_create_refuse(struct ike_sa *sa, const struct ike_message *request,
                       const struct ike_path *path, struct ike_builder *b);

/* exchange_child_rekey.c */
bool ike_child_rekey_begin(struct ike_sa *sa, struct ike_task *task, struct ike_builder *b);
enum ike_task_end ike_child_rekey_done(struct ike_sa *sa, struct ike_task *task,
                                       const struct ike_message *response);
void ike_child_rekey_respond(struct ike_sa *sa, const struct ike_message *request,
                             const struct ike_notify_payload *rekey_sa, struct ike_builder *b);

/* exchange_ike_rekey.c */
bool ike_rekey_begin(struct ike_sa *sa, struct ike_task *task, struct ike_builder *b);
enum ike_task_end ike_rekey_done(struct ike_sa *sa, struct ike_task *task,
                                 const struct ike_message *response);
void ike_rekey_respond(struct ike_sa *sa, const struct ike_message *request, struct ike_builder *b);
void ike_rekey_offer_free(struct ike_sa *sa, struct ike_rekey_offer *offer);
/* The peer deletes the SA while our rekey of it is under way: what its own rekey made takes over. */
void ike_rekey_peer_deleted(struct ike_sa *sa);

/* exchange_delete.c */
bool ike_child_delete_begin(struct ike_sa *sa, struct ike_task *task, struct ike_builder *b);
enum ike_task_end ike_child_delete_done(struct ike_sa *sa, struct ike_task *task,
                                        const struct ike_message *response);
bool ike_delete_begin(struct ike_sa *sa, struct ike_task *task, struct ike_builder *b);
enum ike_task_end ike_delete_done(struct ike_sa *sa, struct ike_task *task,
                                  const struct ike_message *response);
void ike_delete_respond(struct ike_sa *sa, const struct ike_message *request,
                        struct ike_builder *b);
/* Queues a delete of this child, whose state says so from now on. */
void ike_child_delete(struct ike_sa *sa, struct ike_child *child, enum ike_reason why);
/* The same for one that the peer alone has: `spi_in` is what we called it. */
void ike_child_delete_orphan(struct ike_sa *sa, uint32_t spi_in);

/* exchange_informational.c: INFORMATIONAL as responder, and liveness */
void ike_informational_respond(struct ike_sa *sa, const struct ike_message *request,
                               const struct ike_path *path, struct ike_builder *b);
bool ike_liveness_begin(struct ike_sa *sa, struct ike_task *task, struct ike_builder *b);
enum ike_task_end ike_liveness_done(struct ike_sa *sa, struct ike_task *task,
                                    const struct ike_message *response);

/* exchange_mobike.c: RFC 4555 */
bool ike_mobike_begin(struct ike_sa *sa, struct ike_task *task, struct ike_builder *b);
enum ike_task_end ike_mobike_done(struct ike_sa *sa, struct ike_task *task,
                                  const struct ike_message *response);
void ike_mobike_respond(struct ike_sa *sa, const struct ike_message *request,
                        const struct ike_path *path, struct ike_builder *b);
/* The peer sees this end at another address than before: queues an update. */
void ike_mobike_check(struct ike_sa *sa, const struct ike_message *response);

#endif
