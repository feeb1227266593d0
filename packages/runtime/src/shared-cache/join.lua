-- One look at a call that others may make too: what the maker it waited for has handed over, what is kept, the claim
-- to make it, or the maker to wait for.
-- KEYS: entry, lock, used. ARGV: owner, lease in ms, member, '1' where a kept entry will do, the maker it has waited
-- for or '', prefix of waiters' keys.
local owner, lease_ms, member, kept_will_do, awaited, prefix = unpack(ARGV)

if awaited ~= '' then
  local handed = redis.call('GET', prefix .. 'handed:' .. awaited)
  if handed then
    if redis.call('DECR', prefix .. 'waiting:' .. awaited) <= 0 then
      redis.call('DEL', prefix .. 'handed:' .. awaited, prefix .. 'waiting:' .. awaited)
    end
    if handed == '' then return { 'alone' } end
    return { 'hit', handed }
  end
end
local entry = kept_will_do == '1' and redis.call('GET', KEYS[1])
if entry then
  local time = redis.call('TIME')
  redis.call('ZADD', KEYS[3], 'XX', string.format('%.0f', time[1] * 1000000 + time[2]), member)
  return { 'hit', entry }
end
if redis.call('SET', KEYS[2], owner, 'NX', 'PX', lease_ms) then return { 'mine' } end
local maker = redis.call('GET', KEYS[2])
if maker ~= awaited then redis.call('INCR', prefix .. 'waiting:' .. maker) end
-- Each look renews it: of waiters that died nothing stays.
redis.call('PEXPIRE', prefix .. 'waiting:' .. maker, lease_ms)
return { 'busy', maker }
