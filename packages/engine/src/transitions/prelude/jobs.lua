-- What a script releases is put into the inboxes of idle workers, or enqueued by its caller.

local jobs = {} -- released in this script; each has its due record already
local past_queues = true -- whether an idle worker may have them at once

local function push_job(run, what, delivery, queue, delay)
  jobs[#jobs + 1] = { run = run, what = what, delivery = delivery, queue = queue, delay = delay }
end

local function job_name(ref, what, delivery)
  return string.gsub(ref, ':', '.') .. '.' .. what .. '.' .. delivery
end

-- Idle workers that serve a queue, whoever waits longest first.
local function inboxes_of(queue)
  return prefix .. 'inboxes:' .. queue
end

-- Takes open inboxes, one for each job: each is used once. Where there are fewer none is used, or the jobs of those that
-- are would hold up the others on their way. None may overtake what waits in the queue, or pass a paused one.
local function take_inboxes(queue, count)
  local q = prefix .. queue
  local waits = call('LLEN', q .. ':wait') > 0 or call('ZCARD', q .. ':prioritized') > 0
  if not past_queues or waits or call('HEXISTS', q .. ':meta', 'paused') == 1 then return {} end
  local open = call('ZRANGE', inboxes_of(queue), now, '+inf', 'BYSCORE', 'LIMIT', 0, count)
  if #open < count then return {} end
  call('ZREM', inboxes_of(queue), unpack(open))
  return open
end

-- Should the worker be gone, the due record tells.
local function put_into(inbox, job)
  local key = prefix .. 'inbox:' .. inbox
  call('RPUSH', key, cjson.encode(job))
  call('PEXPIRE', key, 10000)
end

-- Several in one list share a job.
local function pack_job(list)
  local first, parts = list[1], {}
  for n, each in ipairs(list) do
    parts[n] = each.what .. ':' .. each.delivery
  end
  local i = info(first.run)
  return { first.run.ref, table.concat(parts, ' '), first.queue, tostring(first.delay), i.priority, i.request_id }
end

-- Steps released together share jobs, up to sixteen in each, and are at least two: each job costs trips of which the first
-- step waits for all before it, and a worker that has no place for some hands those back.
local function share_jobs(list)
  local shared = {}
  local size = math.min(16, math.ceil(#list / 2))
  for first = 1, #list, size do
    shared[#shared + 1] = { unpack(list, first, math.min(first + size - 1, #list)) }
  end
  return shared
end

-- A step of a shared job keeps its name, so that the reconciler can see whether the job is there.
local function name_job(list)
  local first = list[1]
  for n = 2, #list do
    call('HSET', step_key(first.run, list[n].what), 'job', job_name(first.run.ref, first.what, first.delivery))
  end
end

-- What the caller must enqueue.
local function pack_jobs()
  local packed, groups = {}, {}
  for _, job in ipairs(jobs) do
    if job.delay > 0 or string.sub(job.what, 1, 1) == '@' then
      packed[#packed + 1] = pack_job({ job })
    else
      local key = job.run.ref .. job.queue
      groups[key] = groups[key] or {}
      table.insert(groups[key], job)
    end
  end
  for _, group in pairs(groups) do
    local shared = share_jobs(group)
    local open = take_inboxes(group[1].queue, #shared)
    for n, list in ipairs(shared) do
      if open[n] then
        put_into(open[n], pack_job(list))
      else
        name_job(list)
        packed[#packed + 1] = pack_job(list)
      end
    end
  end
  return packed
end
