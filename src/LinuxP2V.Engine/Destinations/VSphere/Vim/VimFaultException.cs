using System.Xml.Linq;

namespace LinuxP2V.Engine.Destinations.VSphere.Vim;

/// <summary>
/// What the server answered instead of a result. It stays within this folder: <see cref="VimErrors"/> makes the message for
/// users.
/// </summary>
internal sealed class VimFaultException(string fault, string message, XElement? detail, string method) : Exception(message)
{
    /// <summary>The type: InvalidLogin, NoPermission, …</summary>
    public string Fault { get; } = fault;

    public XElement? Detail { get; } = detail;

    public string Method { get; } = method;

    public bool Is(params string[] faults) => Array.IndexOf(faults, Fault) >= 0;
}

/// <summary>No answer, or none of a vSphere server. Whether the call was carried out is unknown.</summary>
internal sealed class VimTransportException(string message, bool isTransient, Exception? innerException = null)
    : Exception(message, innerException)
{
    public bool IsTransient { get; } = isTransient;

    /// <summary>The file service refused the account: HTTP 401 or 403.</summary>
    public bool IsRefused { get; init; }
}
