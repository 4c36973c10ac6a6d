using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using LinuxP2V.Host.Console;

namespace LinuxP2V.Host;

/// <summary>One run of p2vsh: a runspace with the module in it, and a script, a command or a prompt.</summary>
internal sealed class Shell
{
    /// <summary>128 and the number of SIGINT, as shells have it.</summary>
    private const int Interrupted = 130;

    private const string Succeeded = "P2VShellSucceeded";

    private readonly CommandLine _line;
    private readonly ConsoleHost _host;
    private PowerShell? _running;
    private bool _wasInterrupted;

    public Shell(CommandLine line)
    {
        _line = line;
        _host = new ConsoleHost(line.NonInteractive);
    }

    public int Run()
    {
        System.Console.CancelKeyPress += OnInterrupt;
        using var runspace = RunspaceFactory.CreateRunspace(_host, ShellState.Create());
        runspace.Open();
        Runspace.DefaultRunspace = runspace;
        _host.Runspace = runspace;
        try
        {
            if (ModuleFinder.Find(_line.Module) is not { } module)
            {
                _host.UI.WriteErrorLine("The module LinuxP2V was not found. Build it (-t:StageModule) or give its folder: --module <folder>.");
                return 1;
            }

            // So that a script's own "Import-Module LinuxP2V" finds this one.
            var folder = Path.GetDirectoryName(Path.GetDirectoryName(module));
            Environment.SetEnvironmentVariable("PSModulePath", folder + Path.PathSeparator + Environment.GetEnvironmentVariable("PSModulePath"));
            if (!Invoke(runspace, shell => shell.AddCommand("Import-Module").AddParameter("Name", module).AddParameter("Global")))
                return 1;
            var succeeded = _line switch
            {
                { Script: { } script } => Invoke(runspace, shell =>
                {
                    shell.AddCommand(Path.GetFullPath(script), useLocalScope: false);
                    ScriptArguments.AddTo(shell, _line.Arguments);
                }) && TakeExitCode(runspace, script),
                // A command line fails with its last statement. Out-Default would overwrite $?, so the script itself keeps it.
                { Command: { } command } => Invoke(runspace, shell => shell.AddScript($"{command}\n$global:{Succeeded} = $?", useLocalScope: false))
                    && runspace.SessionStateProxy.GetVariable(Succeeded) is not false,
                _ => Prompt(runspace),
            };
            if (_wasInterrupted && (_line.Script ?? _line.Command) is not null)
                return Interrupted;
            return _host.ExitCode ?? (succeeded ? 0 : 1);
        }
        finally
        {
            _host.Screen.Close();
            System.Console.CancelKeyPress -= OnInterrupt;
        }
    }

    /// <returns>False after a terminating error.</returns>
    private bool Invoke(Runspace runspace, Action<PowerShell> build)
    {
        using var shell = PowerShell.Create(runspace);
        build(shell);
        // Errors join the output, so that they appear among it in the order in which they came.
        shell.Commands.Commands[^1].MergeMyResults(PipelineResultTypes.Error, PipelineResultTypes.Output);
        shell.AddCommand("Out-Default");
        _running = shell;
        try
        {
            shell.Invoke();
            return true;
        }
        catch (PipelineStoppedException)
        {
            return false;
        }
        catch (RuntimeException e)
        {
            Show(runspace, e.ErrorRecord);
            return false;
        }
        finally
        {
            _running = null;
            _host.Screen.ClearProgress();
        }
    }

    /// <summary>
    /// PowerShell leaves a script file's exit in $LASTEXITCODE, where a failed program's code lies too: it counts only
    /// when the script has an exit in it.
    /// </summary>
    private bool TakeExitCode(Runspace runspace, string script)
    {
        var hasExit = Parser.ParseFile(Path.GetFullPath(script), out _, out _).Find(static a => a is ExitStatementAst, searchNestedScriptBlocks: true) is not null;
        if (hasExit && runspace.SessionStateProxy.GetVariable("LASTEXITCODE") is int code)
            _host.SetShouldExit(code);
        return true;
    }

    private static void Show(Runspace runspace, ErrorRecord record)
    {
        using var shell = PowerShell.Create(runspace);
        var shown = PSObject.AsPSObject(record);
        // Out-Default's own sign for what goes to the error stream.
        shown.Properties.Add(new PSNoteProperty("writeErrorStream", true));
        shell.AddCommand("Out-Default").Invoke(new[] { shown });
    }

    private bool Prompt(Runspace runspace)
    {
        while (_host.ExitCode is null)
        {
            if (ReadCommand() is not { } command)
                return true;
            if (command.Trim().Length > 0)
                Invoke(runspace, shell => shell.AddScript(command, useLocalScope: false));
        }

        return true;
    }

    /// <returns>Null at the end of the input.</returns>
    private string? ReadCommand()
    {
        var text = "";
        while (true)
        {
            _host.Screen.Write(text.Length == 0 ? $"P2V {Environment.CurrentDirectory}> " : ">> ");
            if (System.Console.In.ReadLine() is not { } line)
                return null;
            text += text.Length == 0 ? line : "\n" + line;
            Parser.ParseInput(text, out _, out var errors);
            // An empty line ends what is still incomplete, and PowerShell then says what is wrong with it.
            if (line.Length == 0 || !errors.Any(e => e.IncompleteInput))
                return text;
        }
    }

    private void OnInterrupt(object? sender, ConsoleCancelEventArgs args)
    {
        // The pipeline is stopped, the program lives: cmdlets have their last word, and the exit code is ours.
        args.Cancel = true;
        _wasInterrupted = true;
        _running?.BeginStop(null, null);
    }
}
