#ifndef ARGUMENTS_H
#define ARGUMENTS_H

/* What the process was started with: its name first, NULL at the end. Swift's CommandLine reads /proc, which is not
   there in every sandbox, and repairs what is not UTF-8. */
char *const *process_arguments(void);

/* The revision of the source that this was built from: what MODELS_GATEWAY_REVISION said to the build, or "". */
const char *source_revision(void);

#endif
