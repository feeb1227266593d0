-- Keeps a result within the caps, gives its claim up and hands it to who waits. Runs after hand-over.lua.
-- KEYS: entry, lock, used (zset by last use), expires (zset), sizes (hash), bytes.
-- ARGV: owner, member, value, ttl in ms, entries at most, bytes at most, prefix of entries,
-- lease in ms, prefix of waiters' keys.
local used, expires, sizes, bytes = KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

local function drop(member)
  redis.call('DEL', ARGV[7] .. member)
  redis.call('ZREM', used, member)
  redis.call('ZREM', expires, member)
  local size = redis.call('HGET', sizes, member)
  if size then
    redis.call('HDEL', sizes, member)
    redis.call('DECRBY', bytes, size)
  end
end

for _, member in ipairs(redis.call('ZRANGEBYSCORE', expires, '-inf', string.format('%.0f', now), 'LIMIT', 0, 100)) do
  drop(member)
end
drop(ARGV[2])

local size = #ARGV[3]
local max_entries, max_bytes = tonumber(ARGV[5]), tonumber(ARGV[6])
if size <= max_bytes and max_entries > 0 then
  while redis.call('ZCARD', used) >= max_entries or tonumber(redis.call('GET', bytes) or '0') + size > max_bytes do
    local oldest = redis.call('ZRANGE', used, 0, 0)[1]
    if not oldest then
      -- Nothing left to drop: the count has drifted, since an operator deleted keys.
      redis.call('DEL', sizes, bytes)
      break
    end
    drop(oldest)
  end
  redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4])
  redis.call('ZADD', used, string.format('%.0f', now), ARGV[2])
  redis.call('ZADD', expires, string.format('%.0f', now + tonumber(ARGV[4]) * 1000), ARGV[2])
  redis.call('HSET', sizes, ARGV[2], size)
  redis.call('INCRBY', bytes, size)
end

hand_over(KEYS[2], ARGV[1], ARGV[3], ARGV[8], ARGV[9])
return 1
