n = await get(5);
printf("included %d %s:%d\n", n, __FILE__, __LINE__);
