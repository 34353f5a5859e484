/*
 * A transmitter of a fixed rate with a tail-drop queue before it, reckoned when a frame enters: the
 * times at which waiting frames begin to be sent are known, so no event is needed. A frame being
 * sent does not count as waiting.
 */
#include <string.h>

#include "base/mem.h"
#include "sim/link_detail.h"

/* Forgets the frames whose sending has begun. */
static void forget_started(struct sim_pipe_detail *detail, base_ns now)
{
    while (detail->waiting_count && detail->waiting[detail->waiting_first].start <= now) {
        detail->waiting_bytes -= detail->waiting[detail->waiting_first].size;
        detail->waiting_first = (detail->waiting_first + 1) % detail->waiting_capacity;
        detail->waiting_count--;
    }
}

static void remember(struct sim_pipe_detail *detail, base_ns start, uint32_t size)
{
    if (detail->waiting_count == detail->waiting_capacity) {
        size_t old = detail->waiting_capacity;
        detail->waiting = base_grow(detail->waiting, detail->waiting_count,
                                    &detail->waiting_capacity, sizeof(*detail->waiting));
        /* The ring's part before waiting_first moves behind its old end: there is at least as much
         * room. */
        memcpy(detail->waiting + old, detail->waiting,
               detail->waiting_first * sizeof(*detail->waiting));
    }
    size_t place = (detail->waiting_first + detail->waiting_count) % detail->waiting_capacity;
    detail->waiting[place] = (struct sim_waiting){.start = start, .size = size};
    detail->waiting_count++;
    detail->waiting_bytes += size;
}

static bool is_full(const struct sim_pipe_detail *detail, uint32_t size)
{
    const struct sim_impairment *now = &detail->now;
    if (!(now->set & SIM_IMPAIR_QUEUE))
        return detail->waiting_count >= SIM_QUEUE_PACKETS_DEFAULT;
    return (now->queue_bytes && detail->waiting_bytes + size > now->queue_bytes) ||
           (now->queue_packets && detail->waiting_count >= now->queue_packets);
}

/* Rounded up: a bit that is not through has not arrived. */
static base_ns sending_time(uint32_t size, uint64_t rate_bps)
{
    uint64_t bits_ns = (uint64_t)size * 8 * 1000000000u;
    return (base_ns)((bits_ns + rate_bps - 1) / rate_bps);
}

bool sim_rate_enter(struct sim_pipe_detail *detail, base_ns now, uint32_t size, base_ns *start,
                    base_ns *end)
{
    forget_started(detail, now);
    *start = now;
    if (detail->busy_until > now) {
        if (is_full(detail, size))
            return false;
        *start = detail->busy_until;
        remember(detail, *start, size);
    }
    detail->busy_until = *end = *start + sending_time(size, detail->now.rate_bps);
    return true;
}
