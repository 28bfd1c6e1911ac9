--[[ mattekit in darktable: masks of the subject for the selected pictures.

Lighttable, "selected images": the button "mattekit masks", which may have a shortcut. The masks go
into darktable's folder of external raster masks; each is then chosen in that module.
What talks to mattekit is outside: one program per picture, so that darktable goes on meanwhile.
]]

local dt = require "darktable"
local settings = require "mattekit_settings"

local FOLDER = "plugins/darkroom/segments/def_path"
local M = {}

-- A word for the shell that cannot become a command.
function M.quoted(word)
  if dt.configuration.running_os == "windows" then
    return '"' .. word .. '"' -- neither names of files nor of folders can have a quote
  end
  return "'" .. word:gsub("'", [['\'']]) .. "'"
end

-- Where masks go: the folder of raster masks, or one in it where that is the whole home folder,
-- as it is until the user chooses another.
function M.folder()
  local chosen = dt.preferences.read("darktable", FOLDER, "string")
  local home = os.getenv("HOME") or os.getenv("USERPROFILE")
  if chosen == nil or chosen == "" then
    chosen = home
    dt.preferences.write("darktable", FOLDER, "string", chosen)
  end
  if chosen == home then
    return home .. "/mattekit masks"
  end
  return chosen
end

function M.command(image, folder, answer)
  local photo = image.path .. "/" .. image.filename
  local words = { settings.python, "-m", "mattekit_raw", "darktable" }
  for _, word in ipairs({ "--folder", folder, "--answer", answer, "--", photo }) do
    words[#words + 1] = word
  end
  for number, word in ipairs(words) do
    words[number] = M.quoted(word)
  end
  local line = table.concat(words, " ")
  if dt.configuration.running_os == "windows" then
    line = '"' .. line .. '"' -- cmd takes the outer pair away
  end
  return line
end

-- What went wrong: the answer, or why there is none.
local function answer_in(path)
  local file = io.open(path, "r")
  local text = file and file:read("a") or ""
  if file then
    file:close()
    os.remove(path)
  end
  if text ~= "" then
    return text
  end
  local python = io.open(settings.python, "r")
  if python == nil then
    return settings.missing
  end
  python:close()
  return "mattekit did not answer; run `mattekit doctor` in a terminal"
end

-- Make the masks of pictures; returns how many were made and what went wrong.
function M.masks(images)
  if not settings.launch then
    return 0, { "this darktable runs in a sandbox and cannot start mattekit" }
  end
  local folder, made, problems, cancelled = M.folder(), 0, {}, false
  local job = dt.gui ~= nil and dt.configuration.has_gui
    and dt.gui.create_job("mattekit masks", true, function() cancelled = true end)
  for number, image in ipairs(images) do
    if cancelled then
      break
    end
    local answer = os.tmpname()
    if dt.control.execute(M.command(image, folder, answer)) == 0 then
      made = made + 1
      os.remove(answer)
    else
      problems[#problems + 1] = image.filename .. ": " .. answer_in(answer)
    end
    if job and not cancelled then
      job.percent = number / #images
    end
  end
  if job then
    job.valid = false
  end
  return made, problems
end

function M.selected(images)
  local made, problems = M.masks(images)
  if #problems > 0 then
    dt.print(string.format("mattekit: %d of %d masks. %s", made, #images, problems[1]))
  else
    dt.print(string.format("mattekit: %d masks in %s", made, M.folder()))
  end
  for _, problem in ipairs(problems) do
    dt.print_error("mattekit: " .. problem)
  end
end

if dt.configuration.has_gui then
  dt.gui.libs.image.register_action("mattekit_masks", "mattekit masks",
    function(_, images) M.selected(images) end,
    "write masks of the subjects for the module external raster masks")
  dt.register_event("mattekit_masks", "shortcut",
    function() M.selected(dt.gui.action_images) end, "mattekit masks")
end

return M
