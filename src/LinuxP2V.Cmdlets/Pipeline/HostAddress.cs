using System.Globalization;

namespace LinuxP2V.Cmdlets.Pipeline;

/// <summary><c>[user@]host[:port]</c>; an IPv6 address with a port stands in brackets.</summary>
internal sealed record HostAddress(string Host, string? User, int? Port)
{
    public static HostAddress Parse(string text)
    {
        var at = text.LastIndexOf('@');
        var user = at > 0 ? text.Substring(0, at) : null;
        var host = text.Substring(at + 1);
        var close = host.IndexOf(']');
        if (close > 0 && host[0] == '[')
            return new HostAddress(host.Substring(1, close - 1), user, PortOf(host.Substring(close + 1)));
        var colon = host.IndexOf(':');
        return colon < 0 || host.IndexOf(':', colon + 1) >= 0
            ? new HostAddress(host, user, null)
            : new HostAddress(host.Substring(0, colon), user, PortOf(host.Substring(colon)));
    }

    private static int? PortOf(string text) => text.Length == 0
        ? null
        : text[0] == ':' && int.TryParse(text.TrimStart(':'), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536
            ? port
            : throw new FormatException($"'{text}' is no port: write :22.");
}
