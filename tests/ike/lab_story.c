/*
 * Whether an end's events make a story: nothing goes down, or is replaced, that was not up before; nothing comes up
 * twice. Other engines' logs told of SAs that never came to be.
 */
#include "tests/ike/lab_inside.h"

#include "tests/test.h"

static void enter(struct lab_story *story, uint64_t spi)
{
    for (size_t i = 0; i < story->count; i++)
        assert_true(story->up[i] != spi);
    assert_true(story->count < LAB_STORY_MAX);
    story->up[story->count++] = spi;
}

static void leave(struct lab_story *story, uint64_t spi)
{
    size_t i = 0;
    while (i < story->count && story->up[i] != spi)
        i++;
    if (i == story->count)
        fail_msg("an SA went down that was never up: %016llx", (unsigned long long)spi);
    story->up[i] = story->up[--story->count];
}

void lab_story_goes_on(struct lab_end *end, const struct ike_event *e)
{
    uint64_t spi = e->initiator ? e->spi_i : e->spi_r;
    if (e->kind == IKE_EVENT_IKE_REKEYED)
        leave(&end->ike_story, e->old_spi);
    if (e->kind == IKE_EVENT_IKE_UP || e->kind == IKE_EVENT_IKE_REKEYED)
        enter(&end->ike_story, spi);
    if (e->kind == IKE_EVENT_IKE_DOWN)
        leave(&end->ike_story, spi);
    if (e->kind == IKE_EVENT_CHILD_REKEYED)
        leave(&end->child_story, e->old_child_spi);
    if (e->kind == IKE_EVENT_CHILD_UP || e->kind == IKE_EVENT_CHILD_REKEYED)
        enter(&end->child_story, e->child->spi_in);
    if (e->kind == IKE_EVENT_CHILD_DOWN)
        leave(&end->child_story, e->child->spi_in);
}

void lab_crash(struct lab *lab, int end)
{
    ike_endpoint_free(lab_ep(lab, end));
    lab->ends[end].endpoint = NULL;
    lab->ends[end].ike_story.count = lab->ends[end].child_story.count = 0;
}
