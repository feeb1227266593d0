-- A worker with a free place waits for steps of some queues: until it is used once, or for a while.
local inbox, open_ms = ARGV[3], tonumber(ARGV[4])
for n = 5, #ARGV do
  call('ZADD', inboxes_of(ARGV[n]), now + open_ms, inbox)
end
return reply('open')
