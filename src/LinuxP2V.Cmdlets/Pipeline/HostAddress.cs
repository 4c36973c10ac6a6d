using System.Globalization;
using LinuxP2V.Engine;

namespace LinuxP2V.Cmdlets.Pipeline;

/// <summary><c>[user@]host[:port]</c>; an IPv6 address with a port stands in brackets.</summary>
internal sealed record HostAddress(string Host, string? User, int? Port)
{
    /// <summary>Of a name in the DNS.</summary>
    private const int LongestName = 255;

    /// <param name="errorId">Of the error that a text gets which is no address.</param>
    /// <param name="remedy">Its remedy.</param>
    /// <exception cref="P2VException">It is none.</exception>
    public static HostAddress Parse(string text, string errorId, string remedy)
    {
        var at = text.LastIndexOf('@');
        var host = text.Substring(at + 1);
        var (name, port) = Split(host);
        var address = new HostAddress(name, at > 0 ? text.Substring(0, at) : null, port.Length == 0 ? null : PortOf(port));
        if (
            at == 0
            || !IsHost(name)
            || (port.Length > 0 && address.Port is null)
            || (address.User is { } user && string.IsNullOrWhiteSpace(user))
        )
            throw new P2VException(errorId, $"'{text}' is no address{Reason(port, address.Port)}.", remedy, text);
        return address;
    }

    /// <summary>The port with its colon; empty where there is none.</summary>
    private static (string Name, string Port) Split(string host)
    {
        var close = host.IndexOf(']');
        if (close > 0 && host[0] == '[')
            return (host.Substring(1, close - 1), host.Substring(close + 1));
        var colon = host.IndexOf(':');
        return colon < 0 || host.IndexOf(':', colon + 1) >= 0 ? (host, "") : (host.Substring(0, colon), host.Substring(colon));
    }

    private static bool IsHost(string name) =>
        name.Length is > 0 and <= LongestName
        && !name.Any(c =>
            char.IsWhiteSpace(c) || char.IsControl(c) || c is '/' or '\\' or '@' or '[' or ']' or '?' or '#' or '<' or '>' or '"'
        );

    private static int? PortOf(string text) =>
        text[0] == ':'
        && int.TryParse(text.Substring(1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
        && port is > 0 and < 65536
            ? port
            : null;

    private static string Reason(string port, int? number) => port.Length > 0 && number is null ? $": '{port}' is no port" : "";
}
