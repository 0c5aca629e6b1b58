-- Drives the language server from Neovim and writes what came back to $SNOWGLOBE_REPORT as JSON.
-- Runs in Neovim 0.7, so only with what its LSP client had then.
local report = {}

local function wait(what, condition)
  if not vim.wait(20000, condition, 50) then
    error("timed out: " .. what)
  end
end

local function position(line, character)
  return {
    textDocument = { uri = vim.uri_from_bufnr(0) },
    position = { line = line, character = character },
  }
end

local function request(method, params)
  local answers, failure = vim.lsp.buf_request_sync(0, method, params, 20000)
  local _, answer = next(answers or {})
  if answer == nil or answer.error ~= nil then
    error(method .. ": " .. vim.inspect(failure or answer))
  end
  return answer.result
end

-- The 0-based line and column of a text in the buffer.
local function find(text)
  for index, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do
    local column = line:find(text, 1, true)
    if column then
      return index - 1, column - 1
    end
  end
  error("not in the buffer: " .. text)
end

local function messages()
  return vim.tbl_map(function(diagnostic)
    return { line = diagnostic.lnum, message = diagnostic.message, source = diagnostic.source }
  end, vim.diagnostic.get(0))
end

local function run()
  local client = vim.lsp.start_client({
    name = "snowglobe",
    cmd = { vim.env.SNOWGLOBE_NODE, vim.env.SNOWGLOBE_PROGRAM, "lsp", "--stdio" },
    root_dir = vim.fn.getcwd(),
    init_options = { nixPath = { "nixpkgs=nixpkgs" }, system = "x86_64-linux" },
  })
  vim.lsp.buf_attach_client(0, client)
  wait("initialized", function()
    return vim.lsp.buf_get_clients(0)[client] ~= nil
  end)

  local hints
  wait("derivation hints", function()
    hints = request("textDocument/inlayHint", {
      textDocument = { uri = vim.uri_from_bufnr(0) },
      range = { start = { line = 0, character = 0 }, ["end"] = { line = 1000, character = 0 } },
    })
    return type(hints) == "table" and #hints > 0
  end)
  report.hints = vim.tbl_map(function(hint)
    return { line = hint.position.line, label = hint.label }
  end, hints)

  local line, column = find("pkgs.hello")
  report.hover = request("textDocument/hover", position(line, column + #"pkgs.h")).contents.value

  -- A syntax error comes as one types and goes with it; changes are sent as differences.
  vim.api.nvim_buf_set_text(0, line, column, line, column, { "( " })
  wait("a syntax error", function()
    return #vim.diagnostic.get(0) > 0
  end)
  report.broken = messages()
  vim.api.nvim_buf_set_text(0, line, column, line, column + 2, { "" })
  wait("no more error", function()
    return #vim.diagnostic.get(0) == 0
  end)

  -- An error of the evaluation.
  vim.api.nvim_buf_set_text(0, line, column, line, column + #"pkgs.hello", { "pkgs.helo" })
  wait("an evaluation error", function()
    return #vim.diagnostic.get(0) > 0
  end)
  report.misspelt = messages()

  vim.api.nvim_buf_set_text(0, line, column, line, column + #"pkgs.helo", { "pkgs." })
  local offered = request("textDocument/completion", position(line, column + #"pkgs."))
  report.completion = vim.tbl_map(function(item)
    return item.label
  end, offered.items or offered)

  vim.lsp.stop_client(client)
  wait("the server's end", function()
    return vim.lsp.client_is_stopped(client)
  end)
end

local ok, failure = pcall(run)
if not ok then
  report.failure = tostring(failure)
end
vim.fn.writefile({ vim.fn.json_encode(report) }, vim.env.SNOWGLOBE_REPORT)
vim.cmd("qa!")
