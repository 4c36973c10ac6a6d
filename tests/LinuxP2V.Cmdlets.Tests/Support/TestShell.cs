using System.Management.Automation;
using System.Management.Automation.Runspaces;
using LinuxP2V.Cmdlets.Session;

namespace LinuxP2V.Cmdlets.Tests.Support;

/// <summary>A runspace with the staged module and a fake engine in it. One for a test class, or for a test that needs its own.</summary>
public sealed class TestShell : IDisposable
{
    private readonly TestHost host = new();

    public TestShell()
    {
        var state = InitialSessionState.CreateDefault2();
        state.ImportPSModule([Staged.Manifest]);
        Runspace = RunspaceFactory.CreateRunspace(host, state);
        Runspace.Open();
        P2VSession.Of(Runspace).Engine = Engine;
    }

    public Runspace Runspace { get; }

    internal FakeEngine Engine { get; } = new();

    internal P2VSession Session => P2VSession.Of(Runspace);

    internal IReadOnlyList<string> HostLines => host.Lines;

    /// <summary>The values become variables of the script.</summary>
    internal Result Run(string script, params (string Name, object? Value)[] variables)
    {
        foreach (var (name, value) in variables)
            Runspace.SessionStateProxy.SetVariable(name, value);
        using var shell = PowerShell.Create(Runspace);
        var before = host.Lines.Count;
        var output = shell.AddScript(script).Invoke();
        return new Result(
            [.. output],
            [.. shell.Streams.Error],
            [.. shell.Streams.Warning.Select(w => w.Message)],
            [.. shell.Streams.Verbose.Select(v => v.Message)],
            [.. shell.Streams.Progress],
            [.. shell.Streams.Information.Select(i => i.ToString())],
            [.. host.Lines.Skip(before)]
        );
    }

    /// <summary>What the script's output looks like on a screen.</summary>
    internal string Render(string script)
    {
        var result = Run(script + " | Out-Default");
        Assert.Empty(result.Errors);
        return string.Join('\n', result.HostLines);
    }

    internal const string Login =
        "-Credential ([pscredential]::new('root', ([System.Net.NetworkCredential]::new('', 'geheim').SecurePassword)))";

    /// <summary>Connected, and $task planned for web01.</summary>
    internal void PrepareTask()
    {
        var result = Run(
            $"$null = Connect-P2VServer -LocalPath /vms; $global:task = Get-P2VSource web01 {Login} | New-P2VTask -Name web01-vm"
        );
        Assert.Empty(result.Errors);
    }

    public void Dispose() => Runspace.Dispose();

    internal sealed record Result(
        IReadOnlyList<PSObject> Output,
        IReadOnlyList<ErrorRecord> Errors,
        IReadOnlyList<string> Warnings,
        IReadOnlyList<string> Verbose,
        IReadOnlyList<ProgressRecord> Progress,
        IReadOnlyList<string> Information,
        IReadOnlyList<string> HostLines
    )
    {
        public T Single<T>() => Assert.IsType<T>(Assert.Single(Output).BaseObject);

        /// <summary>The only error, with this id, a recommended action and the cmdlet that wrote it.</summary>
        public ErrorRecord Error(string id)
        {
            var error = Assert.Single(Errors);
            Assert.StartsWith(id + ",LinuxP2V.Cmdlets.Commands.", error.FullyQualifiedErrorId, StringComparison.Ordinal);
            Assert.False(string.IsNullOrWhiteSpace(error.ErrorDetails?.RecommendedAction), "no recommended action");
            return error;
        }
    }
}
