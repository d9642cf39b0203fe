#include <async.h>

async int hook(int n);
