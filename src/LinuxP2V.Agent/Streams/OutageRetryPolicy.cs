using LinuxP2V.Agent.Events;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Streams;

/// <summary>
/// Tries again what failed for want of a connection, with growing pauses, for as long as an outage may last. Tells once
/// when an outage begins and once when it is over. A source that never answered is not its matter: the login that begins
/// each session with the helper has told that at once.
/// </summary>
internal sealed class OutageRetryPolicy(string sourceName, IEventSink sink, TimeProvider time)
{
    /// <summary>An outage of ten minutes must be survived, and the source may boot at its end.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(20);

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly Lock gate = new();
    private long? outageSince;

    /// <summary>Whether waiting may mend it: a refused login or another host key is never tried again.</summary>
    public static bool CanHeal(AgentException exception) =>
        exception.Error.Id is ErrorIds.SourceConnectionLost or ErrorIds.HelperCannotReachSource;

    /// <summary>A second, then twice as long each time, to half a minute.</summary>
    public static TimeSpan Pause(int failures) =>
        TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, Math.Pow(2, Math.Clamp(failures - 1, 0, 10))));

    /// <exception cref="AgentException">What cannot heal, at once; SourceConnectionLost when the outage lasted too long.</exception>
    public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> attempt, CancellationToken cancellationToken)
    {
        for (var failures = 1; ; failures++)
        {
            try
            {
                var result = await attempt(cancellationToken);
                Succeeded();
                return result;
            }
            catch (AgentException exception) when (CanHeal(exception) && !cancellationToken.IsCancellationRequested)
            {
                ThrowIfOver(exception);
            }

            await Task.Delay(Pause(failures), time, cancellationToken);
        }
    }

    private void Succeeded()
    {
        long? since;
        lock (gate)
        {
            (since, outageSince) = (outageSince, null);
        }

        if (since is { } start)
            sink.Information($"{sourceName} answers again after {time.GetElapsedTime(start).TotalSeconds:0} s: the work goes on.");
    }

    private void ThrowIfOver(AgentException exception)
    {
        TimeSpan lasted;
        bool isNew;
        lock (gate)
        {
            isNew = outageSince is null;
            outageSince ??= time.GetTimestamp();
            lasted = time.GetElapsedTime(outageSince.Value);
        }

        if (lasted >= Limit)
        {
            throw new AgentException(
                ErrorIds.SourceConnectionLost,
                $"The connection from the helper to {sourceName} broke and did not come back for {lasted.TotalMinutes:0} minutes.",
                "What was copied stays. Resume the conversion once the source answers again.",
                exception.Error.Cause
            );
        }

        if (isNew)
            sink.Warning($"{exception.Error.Cause} The helper tries again for {Limit.TotalMinutes:0} minutes.");
    }
}
