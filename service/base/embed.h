/* Files laid into the binary by the assembler, so that no file has to be found at run time.
 *
 * EMBED(name, "file"); defines the bytes `name` and their number `name_length`. No NUL follows the
 * bytes. The path is relative to service/ or to build/generated/. Dependency files do not list what
 * the assembler reads: name the file in the Makefile as a prerequisite of the object, too. */
#ifndef ETS144_BASE_EMBED_H
#define ETS144_BASE_EMBED_H

/* A name that is declared takes no parentheses. NOLINTBEGIN(bugprone-macro-parentheses) */
#define EMBED(name, file)                                                                          \
    __asm__(".section .rodata\n"                                                                   \
            ".global " #name "\n" #name ":\n"                                                      \
            ".incbin " #file "\n" #name "_end:\n"                                                  \
            ".balign 8\n"                                                                          \
            ".global " #name "_length\n" #name "_length:\n"                                        \
            ".quad " #name "_end - " #name "\n"                                                    \
            ".previous\n");                                                                        \
    extern const char name[];                                                                      \
    extern const unsigned long name##_length
/* NOLINTEND(bugprone-macro-parentheses) */

#endif
