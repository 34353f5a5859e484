/* What every cmocka test includes, in the order that cmocka wants it. */
#ifndef TESTS_TEST_H
#define TESTS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#ifdef __clang_analyzer__ /* it does not see that cmocka ends a test that fails */
#include <stdlib.h>
#undef assert_true
#undef assert_non_null
#undef fail
#define assert_true(condition) ((condition) ? (void)0 : abort())
#define assert_non_null(pointer) assert_true((pointer) != NULL)
#define fail() abort()
#endif

#endif
