using System.Globalization;

namespace LinuxP2V.Agent.Tests.Source;

/// <summary>A cable between this machine and a server in a network namespace of its own, which can be pulled.</summary>
public sealed class TestNetwork : IDisposable
{
    private static int count;

    private readonly string name;
    private readonly string network;
    private readonly int first;

    public TestNetwork()
    {
        var number = Interlocked.Increment(ref count);
        name = string.Create(CultureInfo.InvariantCulture, $"p2v{Environment.ProcessId}n{number}");
        // Of the block for tests of networks (RFC 2544): nobody's addresses.
        network = string.Create(CultureInfo.InvariantCulture, $"198.18.{Environment.ProcessId % 250}");
        first = number * 4 % 252;
        var (own, other) = (Address(1), Address(2));
        Shell.Run(
            $"""
            ip netns add {name}
            ip link add {name} type veth peer name eth0 netns {name}
            ip address add {own}/30 dev {name}
            ip link set {name} up
            ip -n {name} address add {other}/30 dev eth0
            ip -n {name} link set lo up
            ip -n {name} link set eth0 up
            """
        );
    }

    /// <summary>Of the server in it.</summary>
    public string ServerAddress => Address(2);

    /// <summary>Before a command that is to run in it.</summary>
    public string Enter => $"ip netns exec {name}";

    /// <summary>Nothing comes through any more, and nobody is told.</summary>
    public void Cut() => Shell.Run($"ip -n {name} link set eth0 down");

    public void Restore() => Shell.Run($"ip -n {name} link set eth0 up");

    /// <summary>What the server sends is late, and some of it is lost.</summary>
    public void Disturb(int milliseconds, int lossPercent) =>
        Shell.Run(
            string.Create(
                CultureInfo.InvariantCulture,
                $"ip netns exec {name} tc qdisc add dev eth0 root netem delay {milliseconds}ms loss {lossPercent}%"
            )
        );

    // With its namespace the cable is gone too, as soon as nothing runs in it.
    public void Dispose() => Shell.Run($"ip link delete {name}; ip netns delete {name}");

    private string Address(int host) => string.Create(CultureInfo.InvariantCulture, $"{network}.{first + host}");
}
