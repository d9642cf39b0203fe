#include "most.h"
CHECK_(n == 6, __LINE__);
