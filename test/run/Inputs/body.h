n = await get(5);
printf("included %d body.h:%d\n", n, __LINE__);
#include "inner/more.h"
