using System.Diagnostics;
using System.Text.Json;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Protocol;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests.Session;

/// <summary>The engine's end: the real binary in attach mode, spoken to through its pipes.</summary>
internal sealed class AttachedAgent : IDisposable
{
    private readonly Process process;

    public AttachedAgent(string socketPath)
    {
        process = Process.Start(
            new ProcessStartInfo(Binary, ["attach", "--socket", socketPath])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
    }

    /// <summary>The published binary where the environment names one, else the one that was built with the tests.</summary>
    public static string Binary { get; } = Environment.GetEnvironmentVariable("LINUXP2V_AGENT") ?? AgentPaths.Executable;

    public async Task<HelloEvent> HelloAsync(long after = 0, int version = ProtocolVersion.Current, bool canSign = false)
    {
        await SendAsync(
            new HelloRequest
            {
                RequestId = "hello",
                Version = version,
                AfterSequence = after,
                CanSign = canSign,
            }
        );
        return Assert.IsType<HelloEvent>(await ReadAsync());
    }

    public Task SendAsync(AgentRequest request) => SendAsync(JsonSerializer.Serialize(request, ProtocolJson.Default.AgentRequest));

    public async Task SendAsync(string line)
    {
        await process.StandardInput.WriteAsync(line + "\n");
        await process.StandardInput.FlushAsync();
    }

    /// <returns>Null once the connection has ended.</returns>
    public async Task<AgentEvent?> ReadAsync()
    {
        var line = await process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60));
        return line is null ? null : JsonSerializer.Deserialize(line, ProtocolJson.Default.AgentEvent);
    }

    /// <summary>All events up to and with the outcome of a request.</summary>
    public async Task<List<AgentEvent>> ReadUntilOutcomeAsync(string requestId)
    {
        var events = new List<AgentEvent>();
        while (await ReadAsync() is { } next)
        {
            events.Add(next);
            if (next is OperationCompletedEvent completed && completed.RequestId == requestId)
                return events;
            if (next is OperationFailedEvent failed && failed.RequestId == requestId)
                return events;
        }

        throw new InvalidOperationException($"The connection ended before the outcome of {requestId}: {string.Join(", ", events)}");
    }

    public void CloseInput() => process.StandardInput.Close();

    public async Task<(int Code, string Error)> EndAsync()
    {
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        return (process.ExitCode, await process.StandardError.ReadToEndAsync());
    }

    /// <summary>Without a goodbye, as when the engine's machine loses power.</summary>
    public void Kill() => process.Kill();

    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill();

        process.Dispose();
    }
}
