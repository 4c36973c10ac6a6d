namespace LinuxP2V.Engine;

/// <summary>Where the engine tells what it does. Implementations are called from any thread and must not block.</summary>
public interface IEngineConsole
{
    /// <summary>A step of the work, with host names and numbers. Never a secret.</summary>
    void Verbose(string message);

    /// <summary>Something that the user should look at; the work goes on. Never a secret.</summary>
    void Warning(string message);
}

/// <summary>For a caller that does not listen.</summary>
public sealed class NullConsole : IEngineConsole
{
    /// <summary>The only one.</summary>
    public static readonly NullConsole Instance = new();

    /// <inheritdoc/>
    public void Verbose(string message) { }

    /// <inheritdoc/>
    public void Warning(string message) { }
}
