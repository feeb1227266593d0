-- A worker that is idle waits for steps of some queues: until it is used once, or for a while.
local inbox, open_ms = ARGV[3], tonumber(ARGV[4])
for n = 5, #ARGV do
  local inboxes = inboxes_of(ARGV[n])
  -- Those of workers that died.
  call('ZREMRANGEBYSCORE', inboxes, '-inf', now)
  call('ZADD', inboxes, now + open_ms, inbox)
end
return reply('open')
