using System.Globalization;
using System.Management.Automation.Host;
using System.Management.Automation.Runspaces;

namespace LinuxP2V.Host.Console;

internal sealed class ConsoleHost : PSHost
{
    private readonly ConsoleUI _ui;

    public ConsoleHost(bool nonInteractive)
    {
        Screen = new Screen();
        _ui = new ConsoleUI(Screen, nonInteractive);
    }

    public Screen Screen { get; }

    public Runspace? Runspace { get; set; }

    /// <summary>What a script's exit asked for.</summary>
    public int? ExitCode { get; private set; }

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override string Name => "p2vsh";

    public override Version Version => typeof(ConsoleHost).Assembly.GetName().Version!;

    public override CultureInfo CurrentCulture => CultureInfo.CurrentCulture;

    public override CultureInfo CurrentUICulture => CultureInfo.CurrentUICulture;

    public override PSHostUserInterface UI => _ui;

    public override void SetShouldExit(int exitCode) => ExitCode = exitCode;

    public override void EnterNestedPrompt() => throw new NotSupportedException("p2vsh has no nested prompt.");

    public override void ExitNestedPrompt() => throw new NotSupportedException("p2vsh has no nested prompt.");

    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }
}
