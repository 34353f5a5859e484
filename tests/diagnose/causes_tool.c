/* Writes docs/causes.md from the table of causes. */
#include "diagnose/codes.h"

#include <stdio.h>

#define PRINT(name, code, meaning, text, remedy)                                                   \
    printf("### `%s`\n\n%s\n\n> %s\n\nRemedy: %s\n\n", code, meaning, text, remedy);

#define FAMILY(title, LIST)                                                                        \
    printf("## %s\n\n", title);                                                                    \
    LIST(PRINT)

int main(void)
{
    puts("# Causes\n\n"
         "Why a ping or a flow did not get through: what `tunnelbed explain` names, what stands in "
         "`causes` of result.json,\n"
         "and what the expectation `cause` takes. Each has a code, a meaning, the sentence that is "
         "printed with names and\n"
         "addresses in place of the words in braces, and a remedy. Causes are found by general "
         "rules over what happened to the\n"
         "packet and what the two sides are configured to do; where no rule fits, there is \"no "
         "cause found\". Several at once are\n"
         "each named, in the order in which a packet meets them.\n\n"
         "This file is written from the table in `diagnose/codes.h`, and a test holds the two "
         "together.\n");
    FAMILY("Hosts", DIAG_CODES_HOST)
    FAMILY("Policies and routes of gateways", DIAG_CODES_POLICY)
    FAMILY("IKE", DIAG_CODES_IKE)
    FAMILY("The way", DIAG_CODES_PATH)
    FAMILY("SAs", DIAG_CODES_SA)
    return 0;
}
