//! What follows from a tier, and what keeps a customer in it.

use super::Description;
use crate::calendar::Convention;
use crate::document::text::Lang;
use crate::scheme::vocabulary::{code_of, label};
use crate::scheme::{Action, Audience, Basis, DemoteOn, Followup, Response, Term};
use crate::time::clock::Clock;

/// A document may name a channel by its code or by a word for it.
fn channel_label(word: &str, lang: Lang) -> String {
    label(code_of("channel", word).unwrap_or(word), lang)
}

impl Description<'_> {
    pub(super) fn tiers(&mut self) {
        self.open("Tiers", "等级");
        let last = self.scheme.tiers.len();
        for (position, tier) in self.scheme.tiers.iter().enumerate() {
            let item = self.tier_name(&tier.code);
            let rank = position + 1;
            let mut sentences =
                vec![self.pick(format!("Rank {rank} of {last}"), format!("第{rank}级，共{last}级"))];
            sentences.extend(tier.description.iter().map(|text| text.get(self.lang).to_owned()));
            let content = self.sentences(&sentences);
            self.put(&item, content, None);
            match &tier.followup {
                Some(followup) => self.followup(&item, followup),
                None => self.put(&item, self.pick("Follow-up: none planned", "跟进：无固定周期"), None),
            }
            if let Some(response) = &tier.response {
                let content = self.response(self.pick("Answer", "响应"), response);
                self.put(&item, content, response.basis);
            }
            for (name, target) in &tier.targets {
                let content = self.response(&label(name, self.lang), target);
                self.put(&item, content, target.basis);
            }
        }
    }

    /// The cadence of a source says nothing about days off: what becomes of them is a line of its own, so
    /// that our default does not pass for the source's.
    fn followup(&mut self, item: &str, followup: &Followup) {
        let every = followup.every.every(self.lang);
        let workday = match followup.workday {
            Convention::None => self.pick("whether or not that is a working day", "不论是否工作日"),
            Convention::Following => {
                self.pick("moved from a day off to the next working day", "遇非工作日顺延至下一工作日")
            }
            Convention::Preceding => {
                self.pick("moved from a day off to the working day before", "遇非工作日提前至上一工作日")
            }
            Convention::ModifiedFollowing => self.pick(
                "moved from a day off to the next working day, or to the one before if the next is in another month",
                "遇非工作日顺延至下一工作日，跨月则提前至上一工作日",
            ),
        };
        if followup.basis == Some(Basis::Source) {
            self.put(
                item,
                self.pick(format!("Follow-up: {every}"), format!("跟进：{every}")),
                followup.basis,
            );
            let content = self.pick(format!("Follow-up day: {workday}"), format!("跟进日：{workday}"));
            self.put(item, content, Some(Basis::Default));
        } else {
            let content =
                self.pick(format!("Follow-up: {every}, {workday}"), format!("跟进：{every}，{workday}"));
            self.put(item, content, followup.basis);
        }
        if let Some(grace) = &followup.grace {
            let grace = grace.words(self.lang);
            let content = self.pick(
                format!("After a change of tier, first follow-up: not before {grace}"),
                format!("等级变动后首次跟进：不早于{grace}"),
            );
            self.put(item, content, None);
        }
        if !followup.steps.is_empty() {
            let steps: Vec<String> = (followup.steps.iter())
                .map(|step| {
                    let after = step.after.words(self.lang);
                    match step.channel.as_deref().map(|channel| channel_label(channel, self.lang)) {
                        Some(channel) => {
                            self.pick(format!("after {after}: {channel}"), format!("{after}后{channel}"))
                        }
                        None => self.pick(format!("after {after}"), format!("{after}后")),
                    }
                })
                .collect();
            let steps = steps.join(self.pick(", ", "，"));
            let content = self.pick(
                format!("First contacts in the tier: {steps}"),
                format!("进入等级后的首轮跟进：{steps}"),
            );
            self.put(item, content, None);
        }
        for (channel, every) in &followup.channels {
            let (channel, every) = (channel_label(channel, self.lang), every.every(self.lang));
            let content = self.pick(
                format!("Besides, by {channel}: {every}"),
                format!("另按渠道跟进（{channel}）：{every}"),
            );
            self.put(item, content, None);
        }
    }

    fn response(&self, name: &str, response: &Response) -> String {
        let within = response.within.words(response.clock, self.lang);
        let note = match response.clock {
            Clock::Calendar => self.pick(", all hours counted", "，按自然时间计"),
            Clock::Working => "",
        };
        self.pick(format!("{name}: within {within}{note}"), format!("{name}：{within}内{note}"))
    }

    pub(super) fn strategy(&mut self) {
        self.open("Strategy", "服务策略");
        for tier in &self.scheme.tiers {
            let item = self.tier_name(&tier.code);
            for action in &tier.strategy {
                let content = self.action(action);
                self.put(&item, content, action.basis);
            }
            if let Some(includes) = &tier.includes {
                let below = self.tier_name(includes);
                let content =
                    self.pick(format!("Also everything owed to {below}"), format!("另享有{below}的全部服务"));
                self.put(&item, content, None);
            }
        }
    }

    /// `Response: … (account manager, by phone, within 4 working hours; public)`.
    fn action(&self, action: &Action) -> String {
        let area = label(action.area.code(), self.lang);
        let area = match area.get(..1) {
            Some(first) => format!("{}{}", first.to_ascii_uppercase(), area.get(1..).unwrap_or_default()),
            None => area,
        };
        let mut notes: Vec<String> = Vec::new();
        if let Some(owner) = &action.owner {
            let owner = label(owner, self.lang);
            notes.push(self.pick(format!("by: {owner}"), format!("负责：{owner}")));
        }
        if let Some(channel) = &action.channel {
            let channel = label(channel, self.lang);
            notes.push(self.pick(format!("channel: {channel}"), format!("渠道：{channel}")));
        }
        if let Some(target) = &action.service_target {
            let target = target.get(self.lang);
            notes.push(self.pick(format!("target: {target}"), format!("服务目标：{target}")));
        }
        notes.push(match action.audience {
            Audience::Public => self.pick("public", "可告知客户").to_owned(),
            Audience::Internal => self.pick("internal", "仅限内部").to_owned(),
        });
        let (text, notes) = (action.action.get(self.lang), notes.join(self.pick("; ", "；")));
        self.pick(format!("{area}: {text} ({notes})"), format!("{area}：{text}（{notes}）"))
    }

    pub(super) fn stability(&mut self) {
        let Some(stability) = &self.scheme.stability else { return };
        self.open("Stability", "稳定规则");
        let up = self.pick("Moving up", "升级");
        let down = self.pick("Moving down", "降级");
        if let Some(margin) = stability.promote_margin {
            let margin = self.number(margin.decimal());
            let content = self
                .pick(format!("only from {margin} beyond the cut point"), format!("须超过分界值{margin}"));
            self.put(up, content, None);
        }
        if let Some(margin) = stability.demote_margin {
            let margin = self.number(margin.decimal());
            let content =
                self.pick(format!("only from {margin} below the cut point"), format!("须低于分界值{margin}"));
            self.put(down, content, None);
        }
        if let Some(period) = &stability.demote_after {
            let period = period.words(self.lang);
            let content = self.pick(
                format!("only once the lower grade has lasted {period}"),
                format!("较低等级持续{period}后才生效"),
            );
            self.put(down, content, None);
        }
        if let Some(steps) = stability.demote_steps {
            let content =
                self.pick(format!("tiers at once, at most: {steps}"), format!("每次最多降{steps}级"));
            self.put(down, content, None);
        }
        if let Some(period) = &stability.minimum_stay {
            let period = period.words(self.lang);
            let content = self.pick(format!("at least {period}"), format!("至少{period}"));
            self.put(self.pick("Stay in a tier", "等级保留"), content, None);
        }
        if let Some(term) = &stability.term {
            let content = match term {
                Term::For(period) => {
                    let period = period.words(self.lang);
                    self.pick(
                        format!("not before the tier has been kept for {period}"),
                        format!("等级保留满{period}后才可降级"),
                    )
                }
                Term::Until(until) => {
                    let (en, zh) = (until.words(Lang::En), until.words(Lang::Zh));
                    self.pick(
                        format!(
                            "not before the end of {en}, counted from the day on which the tier was given"
                        ),
                        format!("自获得等级之日起算，{zh}结束后才可降级"),
                    )
                }
            };
            self.put(down, content, None);
        }
        if let Some(anchor) = stability.demote_on {
            let content = match anchor {
                DemoteOn::Never => self.pick("never", "不降级").to_owned(),
                DemoteOn::TierAnniversary => {
                    self.pick("only on the anniversary of the tier", "仅在获得该等级的周年日").to_owned()
                }
                DemoteOn::CustomerAnniversary => {
                    self.pick("only on the anniversary of the customer", "仅在成为客户的周年日").to_owned()
                }
                DemoteOn::Day(day) => self.pick(
                    format!("only on {day} (month and day) of each year"),
                    format!("仅在每年的{day}（月-日）"),
                ),
                DemoteOn::Beginning { fiscal, unit } => {
                    let (en, zh) = (unit.every(fiscal, Lang::En), unit.every(fiscal, Lang::Zh));
                    self.pick(format!("only on the first day of each {en}"), format!("仅在每个{zh}的第一天"))
                }
            };
            self.put(down, content, None);
        }
    }
}
