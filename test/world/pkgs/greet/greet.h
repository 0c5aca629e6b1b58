/* Prints a greeting on a line of its own. */
void greet(const char *name);
