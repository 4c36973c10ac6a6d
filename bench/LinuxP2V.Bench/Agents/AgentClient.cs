using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using LinuxP2V.Bench.Results;
using LinuxP2V.Protocol;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Bench.Agents;

/// <summary>The engine's side: runs the real binary in attach mode and exchanges lines of JSON with it.</summary>
internal sealed class AgentClient : IDisposable
{
    private readonly Process process;
    private int requests;

    private AgentClient(Process process) => this.process = process;

    /// <param name="daemon">Process id; the attached one enters its mount namespace, where the socket is.</param>
    public static async Task<AgentClient> AttachAsync(string agent, int daemon, string socket, CancellationToken cancellationToken)
    {
        var id = daemon.ToString(CultureInfo.InvariantCulture);
        var client = new AgentClient(
            Process.Start(
                new ProcessStartInfo("nsenter", ["-t", id, "-m", "--", agent, "attach", "--socket", socket])
                {
                    RedirectStandardInput = true,
                    RedirectStandardOutput = true,
                }
            )!
        );
        try
        {
            await client.SendAsync(
                new HelloRequest
                {
                    RequestId = "hello",
                    Version = ProtocolVersion.Current,
                    AfterSequence = 0,
                },
                cancellationToken
            );
            return await client.ReadAsync(cancellationToken) is HelloEvent
                ? client
                : throw new BenchException("The agent did not answer with a hello.");
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    public string NextId() => string.Create(CultureInfo.InvariantCulture, $"bench-{++requests}");

    /// <summary>Sends a request and reads up to its outcome.</summary>
    /// <param name="watch">Sees every event as it comes.</param>
    /// <returns>All events of the operation, the outcome last.</returns>
    /// <exception cref="NotInThisBuildException">The agent does not know the request, or has no part for it.</exception>
    /// <exception cref="BenchException">The operation failed.</exception>
    public async Task<IReadOnlyList<AgentEvent>> RunAsync(
        AgentRequest request,
        Action<AgentEvent>? watch,
        CancellationToken cancellationToken
    )
    {
        await SendAsync(request, cancellationToken);
        var events = new List<AgentEvent>();
        while (true)
        {
            var next = await ReadAsync(cancellationToken) ?? throw new BenchException("The agent ended in the middle of an operation.");
            watch?.Invoke(next);
            events.Add(next);
            switch (next)
            {
                case OperationCompletedEvent completed when completed.RequestId == request.RequestId:
                    return events;
                // Both mean here that there is no such part: the requests come in the right order and version.
                case OperationFailedEvent { Error: { Id: ErrorIds.HelperVersionMismatch or ErrorIds.OperationOutOfOrder } error } failed
                    when IsOutcome(failed):
                    throw new NotInThisBuildException(error.Cause);
                case OperationFailedEvent failed when IsOutcome(failed):
                    throw new BenchException($"{failed.Error.Id}: {failed.Error.Cause} {failed.Error.Detail}");
            }
        }

        // A line that the agent cannot read has no id that it could name.
        bool IsOutcome(OperationFailedEvent failed) => failed.RequestId == request.RequestId || failed.RequestId.Length == 0;
    }

    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill();

        process.Dispose();
    }

    private async Task SendAsync(AgentRequest request, CancellationToken cancellationToken)
    {
        var line = JsonSerializer.Serialize(request, ProtocolJson.Default.AgentRequest) + "\n";
        await process.StandardInput.WriteAsync(line.AsMemory(), cancellationToken);
        await process.StandardInput.FlushAsync(cancellationToken);
    }

    private async Task<AgentEvent?> ReadAsync(CancellationToken cancellationToken)
    {
        var line = await process.StandardOutput.ReadLineAsync(cancellationToken);
        return line is null ? null : JsonSerializer.Deserialize(line, ProtocolJson.Default.AgentEvent);
    }
}
