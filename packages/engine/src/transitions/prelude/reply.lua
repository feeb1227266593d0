-- Every script ends here: its events of a run become one entry, named for the last one's number, followers are woken
-- once, and the caller gets what to enqueue and what it has begun.
local function reply(status, extra)
  give_back_slots()
  for run, lines in pairs(appended) do
    call('XADD', run.events, run.seq .. '-0', 'e', table.concat(lines, '\n'))
    call('HSET', run.meta, 'seq', run.seq)
    call('PUBLISH', run.events, run.seq)
  end
  return { status, pack_jobs(), extra or {}, begun }
end
