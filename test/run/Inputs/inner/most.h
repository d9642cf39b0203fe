n += await get(1);
